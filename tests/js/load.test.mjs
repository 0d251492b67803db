// `loadModel`: every kind of source, and what each kind of failure is called.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { RankerError, loadModel, version } from "reshelve";
import { GOLDEN, readModel, wasm, withListener } from "./setup.mjs";

const bytes = new Uint8Array(await readModel("small"));

/** The model's bytes as a stream of pieces of one length. */
function streamOf(pieceLength, content = bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= content.length) return controller.close();
      controller.enqueue(content.slice(at, (at += pieceLength)));
    },
  });
}

function changed(change) {
  const copy = bytes.slice();
  return change(copy) ?? copy;
}

const sound = {
  "a Uint8Array": () => bytes,
  "an ArrayBuffer": () => bytes.slice().buffer,
  "a view that begins within its buffer": () => {
    const wide = new Uint8Array(bytes.length + 30);
    wide.set(bytes, 7);
    return wide.subarray(7, 7 + bytes.length);
  },
  "a file URL": () => pathToFileURL(path.join(GOLDEN, "small.shelf")),
  "a file URL as text": () => pathToFileURL(path.join(GOLDEN, "small.shelf")).href,
  "a Response": () => new Response(bytes),
  "a promise of a Response": () => Promise.resolve(new Response(bytes)),
  "a stream of single bytes": () => streamOf(1),
  "a stream of pieces that cut the header": () => streamOf(31),
  "a stream with empty pieces": () =>
    new ReadableStream({
      start(controller) {
        for (const piece of [[], bytes.slice(0, 100), [], bytes.slice(100), []]) {
          controller.enqueue(Uint8Array.from(piece));
        }
        controller.close();
      },
    }),
};

for (const [name, source] of Object.entries(sound)) {
  test(`a model loads from ${name}`, async () => {
    const model = await loadModel(source(), { wasm });
    assert.equal(model.info.byteLength, bytes.length);
    assert.match(model.info.id, /^[0-9a-f]{16}$/);
    model.dispose();
  });
}

/** A server that gives the same answers as real ones do. */
function withServer(use) {
  const answers = {
    "/store.shelf": (response) => response.end(bytes),
    "/page.shelf": (response) =>
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Shop</title>"),
    "/cut.shelf": (response) => {
      response.setHeader("content-length", bytes.length).write(bytes.slice(0, 1000));
      setTimeout(() => response.destroy(), 20);
    },
    "/slow.shelf": (response) => void response.write(bytes.slice(0, 1000)),
  };
  return withListener((request, response) => {
    const answer = answers[request.url];
    if (answer) return answer(response);
    response.statusCode = 404;
    response.end("not here");
  }, use);
}

test("addresses, Requests and downloads under way are read", () =>
  withServer(async (origin) => {
    for (const source of [
      `${origin}/store.shelf`,
      new URL(`${origin}/store.shelf`),
      new Request(`${origin}/store.shelf`),
      fetch(`${origin}/store.shelf`),
    ]) {
      const seen = [];
      const model = await loadModel(source, { wasm, onProgress: (loaded, total) => seen.push([loaded, total]) });
      assert.deepEqual(seen.at(-1), [bytes.length, bytes.length]);
      model.dispose();
    }
  }));

async function check(source, code, message, options = {}) {
  const error = await loadModel(source, { wasm, ...options }).then(
    () => assert.fail("it loaded"),
    (error) => error,
  );
  assert.ok(error instanceof RankerError, `${error}`);
  assert.equal(error.name, "RankerError");
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return error;
}

test("a failed download says so", () =>
  withServer(async (origin) => {
    const missing = await check(`${origin}/missing.shelf`, "ERR_MODEL_FETCH", /missing\.shelf.*status 404/);
    assert.equal(missing.details.status, 404);
    await check(`${origin}/cut.shelf`, "ERR_MODEL_FETCH", /cannot download the model from .*cut\.shelf/);
    await check("http://127.0.0.1:1/store.shelf", "ERR_MODEL_FETCH", /cannot download/);
    const page = await check(`${origin}/page.shelf`, "ERR_MODEL_FORMAT", /page\.shelf: not a \.shelf file/);
    assert.equal(page.details.url, `${origin}/page.shelf`);
  }));

test("an address that is none, and a file that is not there, say so", async () => {
  await check("not an address", "ERR_MODEL_FETCH", /not an address/);
  await check(pathToFileURL(path.join(GOLDEN, "lost.shelf")), "ERR_MODEL_FETCH", /lost\.shelf/);
});

test("an aborted download gives the signal's reason", () =>
  withServer(async (origin) => {
    const reason = new Error("the shopper has left");
    const gone = AbortSignal.abort(reason);
    await assert.rejects(loadModel(bytes, { wasm, signal: gone }), reason);
    for (const source of [`${origin}/slow.shelf`, fetch(`${origin}/slow.shelf`)]) {
      const controller = new AbortController();
      const loading = loadModel(source, {
        wasm,
        signal: controller.signal,
        onProgress: () => controller.abort(reason),
      });
      await assert.rejects(loading, reason);
    }
  }));

test("a signal ends the wait for whatever there is to wait for", async () => {
  const reason = new Error("the shopper has left");
  const stalled = () => new ReadableStream({});
  for (const source of [new Promise(() => {}), stalled(), new Response(stalled())]) {
    const controller = new AbortController();
    const loading = loadModel(source, { wasm, signal: controller.signal });
    setTimeout(() => controller.abort(reason));
    await assert.rejects(loading, reason);
  }
});

test("bytes that are no sound model are refused", async () => {
  await check(new Uint8Array(0), "ERR_MODEL_FORMAT", /not a \.shelf file/);
  await check(new TextEncoder().encode("<html>"), "ERR_MODEL_FORMAT", /not a \.shelf file/);
  await check(bytes.slice(0, 20), "ERR_MODEL_FORMAT", /should have 32 bytes/);
  const short = await check(bytes.slice(0, -1), "ERR_MODEL_FORMAT", /download or build it again/);
  assert.deepEqual(short.details, { expected: bytes.length, got: bytes.length - 1 });
  await check(
    changed((copy) => new Uint8Array([...copy, 0])),
    "ERR_MODEL_FORMAT",
    /download or build it again/,
  );
  await check(
    changed((copy) => void (copy[copy.length - 1] ^= 1)),
    "ERR_MODEL_FORMAT",
    /checksum/,
  );
  const newer = await check(
    changed((copy) => void (copy[8] = 9)),
    "ERR_MODEL_VERSION",
    /format version 9/,
  );
  assert.deepEqual(newer.details, { expected: 1, got: 9 });
});

test("what is no source is refused", async () => {
  for (const source of [undefined, null, 5, {}, []]) await check(source, "ERR_INVALID_ARGUMENT", /loadModel needs/);
  const read = new Response(bytes);
  await read.arrayBuffer();
  await check(read, "ERR_MODEL_FETCH", /read before/);
  const texts = new ReadableStream({ start: (controller) => controller.enqueue("text") });
  await check(texts, "ERR_MODEL_FETCH", /no bytes/);
});

test("the digest is checked", async () => {
  for (const algorithm of ["sha256", "sha384", "sha512"]) {
    const digest = createHash(algorithm).update(bytes).digest("base64");
    const model = await loadModel(bytes, { wasm, integrity: `${algorithm}-${digest}` });
    model.dispose();
  }
  const wrong = createHash("sha256").update("x").digest("base64");
  const error = await check(bytes, "ERR_MODEL_INTEGRITY", /the file has changed/, { integrity: `sha256-${wrong}` });
  assert.equal(error.details.expected, wrong);
  for (const integrity of ["md5-abc", "sha256", "", 5]) {
    await check(bytes, "ERR_INVALID_ARGUMENT", /`integrity`/, { integrity });
  }
});

test("memory is counted before it is taken, and given back", async () => {
  // Other tests of the process may hold models: the error says how much would be taken with this one.
  const { details } = await check(bytes, "ERR_MEMORY_LIMIT", /raise it/, { maxMemory: 0 });
  assert.ok(details.got >= bytes.length);
  const exact = { maxMemory: details.got };
  await check(bytes, "ERR_MEMORY_LIMIT", /raise it/, { maxMemory: details.got - 1 });
  const huge = changed((copy) => void new DataView(copy.buffer).setBigUint64(16, 2n ** 50n, true));
  await check(huge, "ERR_MEMORY_LIMIT", /more memory/, { maxMemory: Infinity });
  await check(bytes, "ERR_MEMORY_LIMIT", /more memory/, { maxMemory: NaN });
  await check(bytes, "ERR_INVALID_ARGUMENT", /`maxMemory`/, { maxMemory: "64MB" });

  const first = await loadModel(bytes, { wasm, ...exact });
  await check(bytes, "ERR_MEMORY_LIMIT", /more memory/, exact);
  first.dispose();
  await check(bytes.slice(0, -1), "ERR_MODEL_FORMAT", /again/, exact);
  const second = await loadModel(bytes, { wasm, ...exact });
  second.dispose();
});

test("what onProgress throws comes out", async () => {
  const failure = new Error("in the progress bar");
  const loading = loadModel(bytes, {
    wasm,
    onProgress() {
      throw failure;
    },
  });
  await assert.rejects(loading, failure);
});

test("models are told apart, and told about", async () => {
  const [small, wide] = [await loadModel(bytes, { wasm }), await loadModel(await readModel("wide"), { wasm })];
  assert.notEqual(small.info.id, wide.info.id);
  assert.equal(small.info.formatVersion, "1.0");
  assert.ok(Number.isInteger(Date.parse(small.info.createdAt)));
  assert.ok(small.info.itemCount > 0 && small.info.dimensions % 16 === 0);
  assert.ok(Object.isFrozen(small.info));
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.ok(small.has("item-001"));
  for (const unknown of ["item-9999", "", "\ud800", undefined, 1]) assert.equal(small.has(unknown), false);
  small.dispose();
  small.dispose();
  assert.throws(() => small.has("item-001"), { code: "ERR_DISPOSED" });
  assert.throws(() => small.session(), { code: "ERR_DISPOSED" });
  assert.ok(wide.has("item-001"));
  wide.dispose();
});
