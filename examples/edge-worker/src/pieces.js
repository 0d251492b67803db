// A body that JavaScript reads: workerd gives its own streams away in pieces of 4 kB, unless it is given room for more, and
// each piece costs several steps of its own.

/** Most bytes of a piece. */
const MAX_PIECE_BYTES = 64 * 1024;

/**
 * The response with a body that comes in larger pieces: each is what has arrived by then.
 *
 * @param {Response} response
 * @returns {Response}
 */
export function inLargePieces(response) {
  let reader;
  try {
    reader = response.body.getReader({ mode: "byob" });
  } catch {
    // None, or JavaScript makes it: its pieces are as they are.
    return response;
  }
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read(new Uint8Array(MAX_PIECE_BYTES));
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, response);
}
