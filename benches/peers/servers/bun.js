// bun and its publish and subscribe: broadcasts every text to everybody, without storage.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('', { status: 426 })),
  websocket: {
    perMessageDeflate: false,
    open: (socket) => socket.subscribe('room'),
    message: (_, message) => void server.publish('room', message),
  },
});
console.log(`http://127.0.0.1:${server.port}`);
