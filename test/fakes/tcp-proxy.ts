/** A TCP connection that tests can cut: between Easel and a server that stays up. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** Answers that were lost so far. */
  readonly lostAnswers: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Passes requests on but loses the answer of the next one that contains this text, and then the connection. */
  loseAnswerTo(text: string): void;
  close(): Promise<void>;
};

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let lostAnswers = 0;
  let losing: string | null = null;
  let server: Server | null = null;
  let port = 0;

  function join(client: Socket): void {
    const target = connect(targetPort, '127.0.0.1');
    let isLosing = false;
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on('data', (data) => {
      if (losing !== null && data.includes(losing)) {
        losing = null;
        isLosing = true;
        lostAnswers += 1;
      }
      target.write(data);
    });
    target.on('data', (data) => {
      if (isLosing) client.destroy();
      else client.write(data);
    });
  }

  async function listen(): Promise<void> {
    const fresh = createServer(join);
    await new Promise<void>((resolve, reject) => {
      fresh.once('error', reject);
      fresh.listen(port, '127.0.0.1', resolve);
    });
    const address = fresh.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    server = fresh;
  }

  async function cut(): Promise<void> {
    const ended = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (ended !== null) await new Promise((resolve) => ended.close(resolve));
  }

  await listen();
  return {
    get port() {
      return port;
    },
    get lostAnswers() {
      return lostAnswers;
    },
    cut,
    restore: listen,
    loseAnswerTo: (text) => {
      losing = text;
    },
    close: cut,
  };
}
