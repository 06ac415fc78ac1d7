/** The load generator: events over kept-alive connections, in a process of its own. `POST /run` takes a job and answers with a result. */
import { connect, type Socket } from "node:net";
import { bodyOf, listen } from "./listen.js";

/**
 * Each connection sends its next event once the last one is answered, until `count` events or `seconds` have passed. With `perSecond`
 * an event leaves at its moment, whatever became of those before.
 */
export interface Job {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly contacts: number;
  readonly count?: number;
  readonly seconds?: number;
  readonly perSecond?: number;
}

export interface Result {
  readonly sent: number;
  /** Not answered with 200. */
  readonly failed: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

let serial = 0;

listen((request, response) =>
  bodyOf(request, (body) => {
    void run(JSON.parse(body) as Job).then((result) => response.end(JSON.stringify(result)));
  }),
);

async function run(job: Job): Promise<Result> {
  const lines = await Promise.all(Array.from({ length: job.connections }, () => openLine(job.port)));
  const tookMs: number[] = [];
  let failed = 0;
  const send = async (line: Line): Promise<void> => {
    const startedAt = performance.now();
    const status = await line.ask(eventOf(job));
    tookMs.push(performance.now() - startedAt);
    if (status !== 200) failed += 1;
  };
  const startedAt = Date.now();
  await (job.perSecond === undefined ? inTurn(job, lines, send) : atMoments(job, job.perSecond, lines, send));
  const seconds = (Date.now() - startedAt) / 1000;
  for (const line of lines) line.close();
  tookMs.sort((a, b) => a - b);
  const quantile = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? Number.NaN;
  return { sent: tookMs.length, failed, startedAt, seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

async function inTurn(
  { count = Infinity, seconds = Infinity }: Job,
  lines: readonly Line[],
  send: (line: Line) => Promise<void>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let begun = 0;
  const work = async (line: Line): Promise<void> => {
    while (begun++ < count && performance.now() < end) await send(line);
  };
  await Promise.all(lines.map(work));
}

async function atMoments(
  { seconds = 10 }: Job,
  perSecond: number,
  lines: readonly Line[],
  send: (line: Line) => Promise<void>,
): Promise<void> {
  const free = [...lines];
  const sent: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < seconds * perSecond; n += 1) {
    await momentOf(startedAt + (n * 1000) / perSecond);
    const line = free.shift();
    if (line === undefined) throw new Error("every connection waits for its answer: take more connections");
    sent.push(send(line).finally(() => free.push(line)));
  }
  await Promise.all(sent);
}

function momentOf(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, moment - performance.now()));
}

/** Every text is told apart by its number; contacts take turns. */
function eventOf({ path, contacts }: Job): Buffer {
  serial += 1;
  const contact = 2_025_550_000 + (serial % contacts);
  const form = new URLSearchParams({
    EventType: "message-in",
    extension_id: "1234",
    src_number: `+1${contact}`,
    did_number: "+12015550100",
    text: `Is my order text-${serial} ready? I could come by at five.`,
  }).toString();
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
      `content-length: ${Buffer.byteLength(form)}\r\n\r\n${form}`,
  );
}

interface Line {
  /** Sends a request; resolves to the status of its answer. One at a time. */
  ask(request: Buffer): Promise<number>;
  close(): void;
}

/** HTTP by hand: Node's client costs more than the servers that are measured. */
async function openLine(port: number): Promise<Line> {
  const socket = await connected(port);
  let received = "";
  let tell: (status: number) => void = () => {};
  socket.setEncoding("latin1").on("data", (part: string) => {
    received += part;
    const status = statusIfWhole(received);
    if (status === undefined) return;
    received = "";
    tell(status);
  });
  // Who hangs up has not answered.
  socket.on("close", () => tell(0));
  return {
    ask: (request) =>
      new Promise((resolve) => {
        tell = resolve;
        if (socket.destroyed) resolve(0);
        else socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket.off("error", reject)));
    socket.once("error", reject).on("error", () => {});
  });
}

function statusIfWhole(received: string): number | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received)?.[1] ?? 0);
  return received.length - end - 4 < length ? undefined : Number(received.slice(9, 12));
}
