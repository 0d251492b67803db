// Models that `reshelve publish` has laid out: a manifest, shards of the model, and deltas from earlier versions.

import * as glue from "../wasm/parts.js";
import { bytesOf, checkIntegrity, heedSaveData, parseIntegrity } from "./core.js";
import { open } from "./download.js";
import { RankerError, invalidArgument, locating, messageOf, reading } from "./error.js";
import { createInstance } from "./instance.js";
import { isUrl } from "./source.js";

/** Version of the manifest that this release reads. */
const VERSION = 1;
/** Name of the shard that is a model by itself. */
const FIRST = "first";
/** Name of shards with items of categories that are too small for one. */
const OTHER = "other";
/** Names of files: what stands beside the manifest, and nowhere else. */
const NAME = /^\w+\.\w+$/;
/** Between the steps of a category's path. */
const STEP = " > ";

const { start, call, release } = /* @__PURE__ */ createInstance(glue, "parts", ([code, message]) => [
  code,
  message,
  {},
]);

/**
 * Makes the `openPublished` of an entry.
 *
 * @param {object} entry
 * @param {typeof import("../index.d.ts").loadModel} entry.loadModel
 * @param {() => import("../index.d.ts").WasmSource} entry.wasm where the WebAssembly of its own is, unless an option says
 * @param {(url: URL) => Promise<Uint8Array>} [entry.readFile] reads `file:` addresses, where `fetch` does not
 * @returns {typeof import("../published/index.d.ts").openPublished}
 */
export function createOpenPublished({ loadModel, wasm, readFile }) {
  return async function openPublished(manifest, options = {}) {
    if (!isUrl(manifest)) throw invalidArgument("openPublished needs the address of a manifest");
    options.signal?.throwIfAborted();
    heedSaveData(options);
    const startParts = () => start(() => options.partsWasm ?? wasm(), readFile);
    // Absolute, whatever a page's addresses are relative to.
    const address = reading(() => new Request(manifest).url);
    const published = new Published(address, { ...options }, loadModel, startParts, readFile);
    await published.update();
    return published;
  };
}

/** The `Published` of `published/index.d.ts`. */
class Published {
  #address;
  #options;
  #loadModel;
  #startParts;
  #readFile;
  #manifest;
  /** @type {import("../index.d.ts").Model} */
  #model;
  /** Names of the files that the model is made of. */
  #loaded = new Set();
  /** Of the manifest at hand, once it was asked for. */
  #directory;
  /** One call after the other: each goes on from what the one before has loaded. */
  #turn = Promise.resolve();

  constructor(address, options, loadModel, startParts, readFile) {
    this.#address = address;
    this.#options = options;
    this.#loadModel = loadModel;
    this.#startParts = startParts;
    this.#readFile = readFile;
  }

  /** As that of `Session`. */
  get [Symbol.toStringTag]() {
    return "Published";
  }

  get id() {
    return this.#manifest.model;
  }

  get model() {
    return this.#model;
  }

  get shards() {
    return this.#manifest.shards.map(({ name, items, bytes, file }) => {
      return { name, items, bytes, loaded: this.#loaded.has(file) };
    });
  }

  load(category) {
    return this.#inTurn(async () => {
      if (typeof category !== "string") throw invalidArgument("`load` needs the path of a category");
      return this.#extend(shardsOf(this.#manifest.shards, category));
    });
  }

  cover(itemIds) {
    return this.#inTurn(async () => {
      const asked = reading(() => [...itemIds]);
      const missing = asked.filter((itemId) => typeof itemId === "string" && !this.#model.has(itemId));
      if (missing.length === 0 || !this.#manifest.directory) return this.#model;
      const directory = await this.#openDirectory();
      const numbers = new Set(missing.flatMap((itemId) => [...call(() => directory.find(itemId))]));
      return this.#extend(this.#manifest.shards.filter((_, number) => numbers.has(number)));
    });
  }

  update() {
    return this.#inTurn(async () => {
      const manifest = readManifest(await this.#download(this.#address), this.#address);
      if (manifest.model === this.#manifest?.model) return this.#model;
      const wanted = followersOf(this.#manifest?.shards ?? [], this.#loaded, manifest.shards);
      // A model of one shard is the shard's file.
      const whole = this.#manifest?.shards.length === 1 ? this.#manifest.shards[0].file : undefined;
      const files = await Promise.all(wanted.map((shard) => this.#shard(shard, whole)));
      await this.#use(files, wanted);
      this.#manifest = manifest;
      this.#directory = undefined;
      await this.#sweep();
      // The one given is for opening alone.
      this.#options.signal = undefined;
      return this.#model;
    });
  }

  #inTurn(work) {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Loads shards beside those that are there. */
  async #extend(shards) {
    const missing = shards.filter(({ file }) => !this.#loaded.has(file));
    if (missing.length === 0) return this.#model;
    const files = await Promise.all(missing.map((shard) => this.#shard(shard)));
    const loaded = this.#manifest.shards.filter(({ file }) => this.#loaded.has(file));
    return this.#use([bytesOf(this.#model), ...files], [...loaded, ...missing]);
  }

  /** Makes a model of files, of which the first one is a model by itself, and takes it from here on. */
  async #use(files, shards) {
    const bytes = files.length === 1 ? files[0] : await this.#join(files);
    const { wasm, maxMemory, signal } = this.#options;
    this.#model = await this.#loadModel(bytes, { wasm, maxMemory, signal });
    this.#loaded = new Set(shards.map(({ file }) => file));
    return this.#model;
  }

  async #join(files) {
    const { Joiner } = await this.#startParts();
    const joiner = call(() => new Joiner());
    try {
      for (const file of files) call(() => joiner.add(file));
      return call(() => joiner.join());
    } finally {
      release(() => joiner.free());
    }
  }

  async #openDirectory() {
    if (this.#directory) return this.#directory;
    const { Directory } = await this.#startParts();
    const bytes = await this.#file(this.#manifest.directory);
    return (this.#directory = call(() => new Directory(bytes)));
  }

  /** A shard: kept, or made of an earlier version that is kept, or downloaded. */
  async #shard(shard, whole) {
    const kept = await this.#kept(shard);
    if (kept) return kept;
    for (const delta of shard.deltas ?? []) {
      const old = delta.from === whole ? bytesOf(this.#model) : await this.#kept({ file: delta.from });
      const made = old && (await this.#apply(old, delta, shard));
      if (made) return made;
    }
    return this.#file(shard);
  }

  /** What a delta makes of an earlier version; nothing if that fails, for there is the whole file. */
  async #apply(old, delta, shard) {
    try {
      const { applyDelta } = await this.#startParts();
      const bytes = await this.#download(this.#urlOf(delta), delta);
      const made = call(() => applyDelta(old, bytes, shard.bytes));
      await checkIntegrity(parseIntegrity(shard.integrity), made);
      await this.#keep(shard, made);
      return made;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      console.warn(`reshelve downloads all of ${shard.file}: ${messageOf(error)}`, error);
      return undefined;
    }
  }

  /** A file of the manifest, from what is kept or from the server. */
  async #file(file) {
    const kept = await this.#kept(file);
    if (kept) return kept;
    const bytes = await this.#download(this.#urlOf(file), file);
    await this.#keep(file, bytes);
    return bytes;
  }

  /** @returns {Promise<Uint8Array>} */
  async #download(url, { integrity } = {}) {
    const { signal } = this.#options;
    const download = await open(url, signal, this.#readFile);
    const chunks = [];
    for await (const chunk of download.chunks()) chunks.push(chunk);
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    if (integrity) await locating(url, () => checkIntegrity(parseIntegrity(integrity), bytes));
    return bytes;
  }

  #urlOf({ file }) {
    return String(new URL(file, this.#address));
  }

  /** What the cache has of a file, if it is that. */
  async #kept({ file, integrity }) {
    try {
      const response = await this.#options.cache?.match(this.#urlOf({ file }));
      if (!response) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (integrity) await checkIntegrity(parseIntegrity(integrity), bytes);
      return bytes;
    } catch {
      return undefined;
    }
  }

  /** A cache that is full, or gone, changes nothing but what is downloaded next time. */
  async #keep(file, bytes) {
    await this.#options.cache?.put(this.#urlOf(file), new Response(bytes)).catch(() => {});
  }

  /**
   * Takes out of the cache what stands beside the manifest and serves no more: it is not named, and is nothing from which
   * a delta leads to a shard that may still be asked for. Not every cache can say what it has.
   */
  async #sweep() {
    const { cache } = this.#options;
    const folder = String(new URL(".", this.#address));
    const { shards, directory } = this.#manifest;
    const asked = shards.filter(({ file }) => !this.#loaded.has(file));
    const bases = asked.flatMap(({ deltas = [] }) => deltas.map(({ from }) => ({ file: from })));
    const files = [...shards, ...bases, ...(directory ? [directory] : [])];
    const named = new Set(files.map((file) => this.#urlOf(file)));
    try {
      const kept = (await cache?.keys()) ?? [];
      // Below the folder other models may have been published.
      const isBeside = (url) => url.startsWith(folder) && NAME.test(url.slice(folder.length));
      const stale = kept.filter(({ url }) => isBeside(url) && !named.has(url));
      await Promise.all(stale.map((request) => cache.delete(request)));
    } catch {
      // What stays takes room, and nothing else.
    }
  }
}

/** The shards with a category's items: its own and those of what is in it, or else the one that it was put into. */
function shardsOf(shards, category) {
  const named = (wanted) => shards.filter(({ name }) => name === wanted);
  let found = shards.filter(({ name }) => name === category || name.startsWith(category + STEP));
  for (let path = category; found.length === 0 && path !== OTHER; found = named(path)) {
    const end = path.lastIndexOf(STEP);
    path = end < 0 ? OTHER : path.slice(0, end);
  }
  return found;
}

/** Of the shards of a manifest the first, and those with what was loaded of the shards of the manifest before. */
function followersOf(before, loaded, shards) {
  const isLoaded = ({ file }) => loaded.has(file);
  const [earlier, later] = [before, shards].map(byPlace);
  const found = new Set([shards[0]]);
  for (const [place, shard] of earlier) {
    if (!isLoaded(shard)) continue;
    const follower = later.get(place);
    for (const one of follower ? [follower] : shardsOf(shards, shard.name)) found.add(one);
  }
  // What there was no shard for is of those that had its items.
  for (const [place, shard] of later)
    if (!earlier.has(place) && shardsOf(before, shard.name).some(isLoaded)) found.add(shard);
  return shards.filter((shard) => found.has(shard));
}

/** Shards by name and, as several may have one, by place among those of that name: so each follows its earlier version. */
function byPlace(shards) {
  const counts = new Map();
  const places = new Map();
  for (const shard of shards) {
    const place = counts.get(shard.name) ?? 0;
    counts.set(shard.name, place + 1);
    places.set(`${place} ${shard.name}`, shard);
  }
  return places;
}

function readManifest(bytes, address) {
  let manifest;
  try {
    manifest = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unsound(address, messageOf(error), error);
  }
  if (manifest?.version > VERSION) {
    const message = `the manifest at ${address} has version ${manifest.version}, this release reads ${VERSION}; update Reshelve`;
    throw new RankerError("ERR_MODEL_VERSION", message);
  }
  const isFile = (file) => NAME.test(file?.file) && typeof file.integrity === "string" && file.bytes >= 0;
  const isShard = (shard) =>
    isFile(shard) &&
    typeof shard.name === "string" &&
    (shard.deltas ?? []).every((delta) => isFile(delta) && NAME.test(delta.from));
  const { version, shards, directory } = manifest ?? {};
  if (version !== VERSION || !Array.isArray(shards) || !shards.every(isShard) || shards[0]?.name !== FIRST) {
    throw unsound(address, "it has no shards, or not as the command names them");
  }
  if (directory !== undefined && !isFile(directory)) throw unsound(address, "its directory is no file");
  return manifest;
}

function unsound(address, what, cause) {
  const message = `${address} is no manifest that \`reshelve publish\` has written: ${what}`;
  return new RankerError("ERR_MODEL_FORMAT", message, { cause });
}
