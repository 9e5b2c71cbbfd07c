import fastify from 'fastify';

// An http.Server. `receive` gets raw bytes: what is signed is never parsed first.
export async function fastifyServer(receive) {
    const app = fastify({ logger: false, bodyLimit: 1 << 20 });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
    app.get('/livez', (request, reply) => reply.send('OK'));
    app.post('/callbacks/:tenant/:channel', async (request, reply) => {
        const { tenant, channel } = request.params;
        const answer = await receive(tenant, channel, request.headers, request.body);
        reply.code(answer.status);
        if (answer.retryAfter) {
            reply.header('Retry-After', answer.retryAfter);
        }
        if (answer.type) {
            reply.type(answer.type);
        }
        return reply.send(answer.body);
    });
    await app.ready();
    return app.server;
}
