import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Stands before a part and can take it away: connections end and new ones are refused, as when its process is gone.
 * @param port of the part, on this machine
 * @returns the port to use instead, and the switch
 */
export async function tcpSwitch(port) {
  const open = new Set();
  let isAway = false;
  const server = createServer((near) => {
    if (isAway) return near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: server.address().port,
    away() {
      isAway = true;
      cut();
    },
    back() {
      isAway = false;
    },
    close() {
      cut();
      server.close();
    },
  };
}
