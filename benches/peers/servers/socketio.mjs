// node and socket.io, over WebSocket alone: broadcasts every text to everybody, without storage.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
server.on('connection', (socket) => {
  socket.on('said', (message) => server.emit('said', message));
});
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}`));
