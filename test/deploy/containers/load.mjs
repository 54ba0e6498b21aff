/** Who answered, by the stand-in proxy's header, and what failed. */
export async function ask(url, headers = {}) {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) });
    await answer.arrayBuffer();
    return { servedBy: answer.headers.get('x-served-by') ?? 'the proxy', status: answer.status };
  } catch (error) {
    return { servedBy: 'nobody', status: error.cause?.code ?? error.message };
  }
}

/** Asks again and again by `parallel` askers until `stop` aborts; answers by replica, and failures by status. */
export async function load({ urls, headers, parallel, stop }) {
  const answered = new Map();
  const failed = new Map();
  const count = (of, key) => of.set(key, (of.get(key) ?? 0) + 1);
  const asker = async (start) => {
    for (let turn = start; !stop.aborted; turn++) {
      const { servedBy, status } = await ask(urls[turn % urls.length], headers);
      if (status === 200) count(answered, servedBy);
      else count(failed, `${status} of ${servedBy}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, (_, index) => asker(index)));
  return { answered: Object.fromEntries(answered), failed: Object.fromEntries(failed) };
}
