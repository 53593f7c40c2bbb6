import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dealer, Router, Subscriber, XPublisher } from "zeromq";
import { FedbusError } from "../../schemas/errors.js";
import { inboundBytesMax, peerMessagesMax, queryBytesMax } from "../fedmsg/limits.js";
import {
  answerQueueMax,
  blockBytesMax,
  frameQueueMax,
  handshakeMs,
  heartbeatMs,
  requestBytesMax,
  requestQueueMax,
  subscriptionBytesMax,
} from "./limits.js";

/**
 * The one place that makes ZeroMQ sockets. Every limit is set here explicitly, because libzmq's
 * defaults are endless message sizes, endless linger and no heartbeat.
 *
 * High-water marks count messages of up to a block each, so they are small: they, and not a queue
 * of ours, bound what a stalled peer can cost. What bounds nothing is the number of frames in one
 * message: libzmq gathers them until the last one has come.
 */
const common = {
  linger: 0,
  handshakeInterval: handshakeMs,
  heartbeatInterval: heartbeatMs,
  heartbeatTimeout: heartbeatMs * 3,
  heartbeatTimeToLive: heartbeatMs * 3,
} as const;

const connecting = {
  ...common,
  maxMessageSize: blockBytesMax,
  reconnectInterval: 100,
  reconnectMaxInterval: 2000,
  connectTimeout: 5000,
};

const require = createRequire(import.meta.url);

/** ZeroMQ, loaded with the first socket: a bus in one process has none. */
const zeromq = (): typeof import("zeromq") => require("zeromq") as typeof import("zeromq");

export type { Dealer, Router, Subscriber, XPublisher } from "zeromq";

/** The hub's request socket. Sends never wait: what a stalled peer cannot take is dropped. */
export function openRouter(): Router {
  const options = {
    ...common,
    maxMessageSize: requestBytesMax,
    receiveHighWaterMark: requestQueueMax,
    sendHighWaterMark: answerQueueMax,
    sendTimeout: 0,
  };
  return opened(() => new (zeromq().Router)(options));
}

/** The hub's broadcast socket. It tells every subscription, repeated ones too. */
export function openPublisher(): XPublisher {
  const options = {
    ...common,
    maxMessageSize: subscriptionBytesMax,
    verbosity: "allSubs",
    sendHighWaterMark: frameQueueMax,
  } as const;
  return opened(() => new (zeromq().XPublisher)(options));
}

/** A client's request socket. Nothing is queued for a hub that is not connected. */
export function openDealer(url: string, onDisconnect: () => void = () => {}): Dealer {
  const options = {
    ...connecting,
    immediate: true,
    receiveHighWaterMark: answerQueueMax,
    sendHighWaterMark: requestQueueMax,
  };
  const socket = opened(() => new (zeromq().Dealer)(options));
  try {
    // Whoever watches a socket takes one more.
    opened(() => socket.events).on("disconnect", onDisconnect);
    return connected(socket, url);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** A client's broadcast socket, subscribed to one pattern set. */
export function openSubscriber(url: string, key: string): Subscriber {
  const options = { ...connecting, receiveHighWaterMark: frameQueueMax };
  const socket = opened(() => new (zeromq().Subscriber)(options));
  socket.subscribe(key);
  return connected(socket, url);
}

/**
 * Sockets for fedmsg programs, of any age: no heartbeats, which old ones do not answer, but TCP's own, at fedmsg's
 * intervals.
 */
const fedmsg = {
  linger: 0,
  handshakeInterval: handshakeMs,
  tcpKeepalive: 1,
  tcpKeepaliveCount: 3,
  tcpKeepaliveIdle: 60,
  tcpKeepaliveInterval: 5,
} as const;

/** fedmsg's PUB. As XPUB it tells when a prefix is first subscribed to, and when it is left. */
export function openFedmsgPublisher(): XPublisher {
  const options = {
    ...fedmsg,
    maxMessageSize: subscriptionBytesMax,
    sendHighWaterMark: peerMessagesMax,
  };
  return opened(() => new (zeromq().XPublisher)(options));
}

/** fedmsg's `relay_inbound`, subscribed to everything. */
export function openFedmsgInbound(): Subscriber {
  const options = {
    ...fedmsg,
    maxMessageSize: inboundBytesMax,
    receiveHighWaterMark: peerMessagesMax,
  };
  const socket = opened(() => new (zeromq().Subscriber)(options));
  socket.subscribe();
  return socket;
}

/** Answers fedmsg's REQ. What a stalled peer cannot take is dropped. */
export function openFedmsgReplay(): Router {
  const options = {
    ...fedmsg,
    maxMessageSize: queryBytesMax,
    receiveHighWaterMark: requestQueueMax,
    sendHighWaterMark: answerQueueMax,
    sendTimeout: 0,
  };
  return opened(() => new (zeromq().Router)(options));
}

function connected<S extends Dealer | Subscriber>(socket: S, url: string): S {
  try {
    unbroken(() => socket.connect(url));
    return socket;
  } catch (cause) {
    socket.close();
    throw new FedbusError("ADDRESS_INVALID", `"${url}" is not an address to connect to`, { cause });
  }
}

/** Calls again what a signal has broken off, such as a profiler's. */
function unbroken(call: () => void): void {
  for (;;)
    try {
      call();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EINTR") throw error;
    }
}

/** libzmq has 1,023 sockets for a process, and fewer if the process may not open so many files. */
function opened<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EMFILE") throw cause;
    throw new FedbusError("CONNECTION_LIMIT", "this process can open no more sockets", { cause });
  }
}

/** ZeroMQ's own thread gives the port of a closed socket back a moment after `close`. */
const bindTries = 20;
const bindPauseMs = 50;

/** Binds, and tells the endpoint with the port that was really taken. */
export async function bind(socket: Router | XPublisher | Subscriber, url: string): Promise<string> {
  for (let tried = 1; ; tried++)
    try {
      await socket.bind(url);
      return socket.lastEndpoint ?? url;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE")
        throw new FedbusError("ADDRESS_INVALID", `cannot listen on "${url}": ${code ?? cause}`, {
          cause,
        });
      if (tried >= bindTries)
        throw new FedbusError("ADDRESS_IN_USE", `${url} is in use by another process`, { cause });
      await sleep(bindPauseMs);
    }
}
