/** Does something when a response has ended, however it ends: before its last byte is out, so that a frozen function did it. */

/** @param end must not fail. */
export async function whenEnded(end: () => Promise<void>, respond: () => Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await respond();
  } catch (error) {
    await end();
    throw error;
  }
  // Only a stream is still being written when it is handed over.
  if (response.body === null || !isStream(response)) {
    await end();
    return response;
  }
  const { status, headers } = response;
  return new Response(followed(response.body, end), { status, headers });
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}

function followed(body: ReadableStream<Uint8Array>, end: () => Promise<void>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
      } catch (error) {
        await end();
        return controller.error(error);
      }
      await end();
      controller.close();
    },
    // The reader has left; what still runs is not waited for.
    async cancel(reason) {
      await reader.cancel(reason);
      await end();
    },
  });
}
