// Telling apart the ways in which bytes can be given. By shape, not by `instanceof`: objects of another realm count.

/** @returns {boolean} whether `value` is an address, absolute or relative */
export function isUrl(value) {
  return typeof value === "string" || isInstance(value, "URL");
}

/** @returns {boolean} whether `value` is an address of a file on this machine */
export function isFileUrl(value) {
  return isUrl(value) && String(value).startsWith("file:");
}

/** @returns {boolean} */
export function isRequest(value) {
  return isInstance(value, "Request");
}

/** @returns {boolean} */
export function isResponse(value) {
  return isInstance(value, "Response");
}

/** @returns {boolean} */
export function isStream(value) {
  return isInstance(value, "ReadableStream");
}

/** @returns {boolean} whether `value` is compiled WebAssembly */
export function isModule(value) {
  return isInstance(value, "WebAssembly.Module");
}

/** @returns {Uint8Array | undefined} the bytes of a buffer or of a view of one */
export function toBytes(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isInstance(value, "ArrayBuffer")) return new Uint8Array(value);
  return undefined;
}

function isInstance(value, name) {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
