// Sorts the functions of a WASM file by type and content, so that brotli finds what repeats within its window. Only their
// order changes: wasm-opt moves them, by names that this script gives them, and removes the names again.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WASM_OPT = fileURLToPath(new URL('../end2end/node_modules/.bin/wasm-opt', import.meta.url));
// What rustc uses; more features could change the output.
const FEATURES = ['bulk-memory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext']
  .map((feature) => `--enable-${feature}`);
const SECTION = { custom: 0, imports: 2, functions: 3, code: 10 };
const IMPORT = { function: 0, table: 1, memory: 2, global: 3 };

/** Reads a file of the binary format (webassembly.github.io/spec/core/binary). */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 8;
  }

  byte() { return this.bytes[this.at++]; }

  /** An unsigned number in LEB128. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  skip(length) { this.at += length; }

  limits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) this.number();
  }

  /** Whether the next import is a function. */
  isFunctionImport() {
    this.skip(this.number());
    this.skip(this.number());
    const kind = this.byte();
    if (kind === IMPORT.function) this.number();
    else if (kind === IMPORT.global) this.skip(2);
    else if (kind === IMPORT.memory) this.limits();
    else if (kind === IMPORT.table) {
      this.byte();
      this.limits();
    } else throw new Error(`an import of kind ${kind}`);
    return kind === IMPORT.function;
  }
}

/** The number of imported functions, and type and body of the others. */
function functions(bytes) {
  const reader = new Reader(bytes);
  let imported = 0;
  const types = [], bodies = [];
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === SECTION.imports) {
      for (let left = reader.number(); left > 0; left--) imported += reader.isFunctionImport() ? 1 : 0;
    } else if (section === SECTION.functions) {
      for (let left = reader.number(); left > 0; left--) types.push(reader.number());
    } else if (section === SECTION.code) {
      for (let left = reader.number(); left > 0; left--) {
        const length = reader.number();
        bodies.push(bytes.subarray(reader.at, reader.at + length));
        reader.skip(length);
      }
    }
    reader.at = end;
  }
  return { imported, types, bodies };
}

function leb(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push(number % 128 | 128);
  return Buffer.from([...bytes, number]);
}

const text = (name) => Buffer.concat([leb(name.length), Buffer.from(name)]);

/** A section that names each function by its position in the new order. */
function names({ imported, types, bodies }) {
  const order = bodies.map((_, index) => index)
    .sort((a, b) => types[a] - types[b] || Buffer.compare(bodies[a], bodies[b]) || a - b);
  const positions = new Map(order.map((index, position) => [index, String(position).padStart(6, '0')]));
  const named = bodies.map((_, index) => Buffer.concat([leb(imported + index), text(positions.get(index))]));
  const content = Buffer.concat([leb(bodies.length), ...named]);
  const payload = Buffer.concat([text('name'), Buffer.from([1]), leb(content.length), content]);
  return Buffer.concat([Buffer.from([SECTION.custom]), leb(payload.length), payload]);
}

const [file] = process.argv.slice(2);
const bytes = readFileSync(file);
const [named, sorted] = [`${file}.named`, `${file}.sorted`];
writeFileSync(named, Buffer.concat([bytes, names(functions(bytes))]));
execFileSync(WASM_OPT, [...FEATURES, '--debuginfo', '--reorder-functions-by-name', named, '-o', sorted]);
execFileSync(WASM_OPT, [...FEATURES, '--strip-debug', sorted, '-o', named]);
renameSync(named, file);
rmSync(sorted);
