const PRIVATE_KEY_TEXT = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /"d"\s*:\s*"[A-Za-z0-9_-]{16,}"/, // a private JWK (RFC 7518 §6)
];

/** Problems for every variable that holds a private key as text: keys come from mounted files or a KMS (T4). */
export function findPrivateKeyText(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment)
    .filter(([, value]) => value !== undefined && looksLikePrivateKey(value))
    .map(([name]) => `${name} holds a private key as text; mount it as a file in IDENTITY_KEYS_DIR instead`);
}

function looksLikePrivateKey(value: string): boolean {
  const decoded = /^[A-Za-z0-9+/_=\s-]{40,}$/.test(value)
    ? Buffer.from(value, 'base64').toString('latin1')
    : '';
  return PRIVATE_KEY_TEXT.some((pattern) => pattern.test(value) || pattern.test(decoded));
}
