"""Python and websockets: broadcasts every text to everybody, without storage."""
import asyncio

from websockets.asyncio.server import broadcast, serve

SOCKETS = set()


async def talk(socket):
    SOCKETS.add(socket)
    try:
        async for message in socket:
            broadcast(SOCKETS, message)
    finally:
        SOCKETS.discard(socket)


async def main():
    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


asyncio.run(main())
