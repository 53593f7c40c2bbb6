import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { ImpureSource } from "./impure-use.js";

/** Called whenever the thing is asked. */
type Asked = () => void;

/** Something that gives another answer each time, and how to be told when it is asked. */
export interface Source {
  readonly what: ImpureSource;
  readonly instead: "context.now()" | "context.random()";
  /** Returns what puts everything back. */
  patch(asked: Asked): () => void;
}

/** Puts `replacement` in the place of a property; the function that puts back what was there. */
function replace(target: object, name: string, replacement: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    value: replacement,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

/** A function that tells, and then does what it did. */
function telling<Arguments extends unknown[], Result>(
  original: (...given: Arguments) => Result,
  self: unknown,
  asked: Asked,
): (...given: Arguments) => Result {
  return (...given) => {
    asked();
    return original.apply(self, given);
  };
}

function patchDate(asked: Asked): () => void {
  const original = Date;
  const patched: DateConstructor = new Proxy(original, {
    construct(target, given, newTarget) {
      if (given.length === 0) asked();
      return Reflect.construct(target, given, newTarget === patched ? target : newTarget) as object;
    },
    apply() {
      asked();
      return original();
    },
  });
  const undo = [
    replace(globalThis, "Date", patched),
    replace(original.prototype, "constructor", patched),
  ];
  return () => {
    for (const one of undo) one();
  };
}

function patchUuid(asked: Asked): () => void {
  const web = globalThis.crypto;
  const undo = [
    replace(web, "randomUUID", telling(web.randomUUID, web, asked)),
    replace(crypto, "randomUUID", telling(crypto.randomUUID, crypto, asked)),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const one of undo) one();
    syncBuiltinESMExports();
  };
}

export const sources: readonly Source[] = [
  {
    what: "Date.now()",
    instead: "context.now()",
    patch: (asked) => replace(Date, "now", telling(Date.now, Date, asked)),
  },
  { what: "new Date()", instead: "context.now()", patch: patchDate },
  {
    what: "performance.now()",
    instead: "context.now()",
    patch: (asked) => replace(performance, "now", telling(performance.now, performance, asked)),
  },
  {
    what: "Math.random()",
    instead: "context.random()",
    patch: (asked) => replace(Math, "random", telling(Math.random, Math, asked)),
  },
  { what: "crypto.randomUUID()", instead: "context.random()", patch: patchUuid },
];
