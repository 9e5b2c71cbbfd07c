// node server.mjs --framework express|fastify --port P --database CONNINFO --world world.json --workers N
//
// Says "ready" on standard output when it listens; SIGTERM ends it.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const CONNECTIONS = 20; // to the database, of all workers together
const KEEP_ALIVE_MILLISECONDS = 75_000;
const STOP_MILLISECONDS_MAX = 10_000;

function readOptions() {
    const text = { type: 'string' };
    const workersText = { ...text, default: '1' };
    const { values } = parseArgs({
        options: { framework: text, port: text, database: text, world: text, workers: workersText },
    });
    const port = Number(values.port);
    const workers = Number(values.workers);
    if (!['express', 'fastify'].includes(values.framework)) {
        throw new Error('--framework is express or fastify');
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535 || !values.database || !values.world) {
        throw new Error('--port, --database and --world are needed');
    }
    if (!Number.isInteger(workers) || workers < 1 || workers > CONNECTIONS) {
        throw new Error(`--workers is 1 to ${CONNECTIONS}`);
    }
    return { ...values, port, workers };
}

async function serve(options, connections) {
    const { openPool } = await import('./database.mjs');
    const { Books } = await import('./books.mjs');
    const { makeCallbacks } = await import('./callbacks.mjs');
    const makeServer =
        options.framework === 'express'
            ? (await import('./express_app.mjs')).expressServer
            : (await import('./fastify_app.mjs')).fastifyServer;

    const pool = await openPool(options.database, connections);
    const world = JSON.parse(readFileSync(options.world, 'utf8'));
    const server = await makeServer(makeCallbacks(world, new Books(pool)));
    server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
    server.listen(options.port, '127.0.0.1');
    await once(server, 'listening');

    const stop = () => {
        server.close(async () => {
            await pool.end();
            process.exit(0);
        });
        server.closeIdleConnections();
        setTimeout(() => process.exit(0), STOP_MILLISECONDS_MAX).unref();
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
}

async function lead(options) {
    let isStopping = false;
    const stop = () => {
        isStopping = true;
        Object.values(cluster.workers).forEach((worker) => worker.process.kill('SIGTERM'));
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
    cluster.on('exit', (worker, code) => {
        if (!isStopping) {
            console.error('a worker ended by itself');
            process.exitCode = code || 1;
            stop();
        }
    });
    const share = Math.floor(CONNECTIONS / options.workers);
    const workers = Array.from({ length: options.workers }, (_, i) =>
        cluster.fork({ PEER_CONNECTIONS: share + (i < CONNECTIONS % options.workers ? 1 : 0) }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'listening')));
}

process.env.NODE_ENV ??= 'production';
try {
    const options = readOptions();
    if (cluster.isWorker) {
        await serve(options, Number(process.env.PEER_CONNECTIONS));
    } else {
        await (options.workers === 1 ? serve(options, CONNECTIONS) : lead(options));
        console.log('ready');
    }
} catch (error) {
    console.error(error.message);
    process.exit(2);
}
