import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Wire {
  port: number;
  cut(): void;
  mend(): Promise<void>;
}

/** A wire to a real part that can be cut and mended. */
export async function openWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let server: Server;
  const open = (at: number) =>
    new Promise<number>((resolve) => {
      server = createServer((inbound) => {
        const outbound = connect(port, '127.0.0.1');
        for (const [socket, other] of [
          [inbound, outbound],
          [outbound, inbound],
        ] as const) {
          sockets.add(socket);
          socket.on('error', () => other.destroy());
          socket.on('close', () => other.destroy());
          socket.pipe(other);
        }
      }).listen(at, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  const at = await open(0);
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return { port: at, cut, mend: async () => void (await open(at)) };
}

/** The same part, by way of a wire. */
export const through = (url: string, port: number) => {
  const wired = new URL(url);
  wired.hostname = '127.0.0.1';
  wired.port = String(port);
  return wired.toString().replace(/\/$/, '');
};
