// node and `ws`: broadcasts every text to everybody, without storage.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (message) => {
    for (const client of server.clients) client.send(message, { binary: false });
  });
});
server.on('listening', () => console.log(`http://127.0.0.1:${server.address().port}`));
