import type {Socket} from 'node:net';

/**
 * Calls `onStall` once nothing has moved on the socket for `stallMs`. What counts: a byte from the peer, and a byte the
 * kernel took from a full send queue, which it does only as the peer acknowledges. A byte written into an empty queue
 * proves nothing. The session's keepalives make a live peer answer, so a quiet connection moves too, and a busy slow
 * one is never dropped for an answer that waits in a queue.
 */
export function watchStall(socket: Socket, stallMs: number, onStall: () => void): () => void {
  let movedAt = performance.now();
  let read = socket.bytesRead;
  let taken = 0;
  let queued = false;
  const timer = setInterval(
    () => {
      const now = performance.now();
      const takenNow = socket.bytesWritten - socket.writableLength;
      if (socket.bytesRead !== read || (queued && takenNow !== taken)) movedAt = now;
      read = socket.bytesRead;
      taken = takenNow;
      queued = socket.writableLength > 0;
      if (now - movedAt < stallMs) return;
      clearInterval(timer);
      onStall();
    },
    Math.max(20, stallMs / 10),
  );
  timer.unref();
  return () => clearInterval(timer);
}
