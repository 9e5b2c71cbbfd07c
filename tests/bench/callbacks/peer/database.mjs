// A pool whose connections work as duizhang's service role, so that row-level security is on.
import pg from 'pg';

const ROLE = 'duizhang_service';
const WHO = `
select current_user as name, rolsuper or rolbypassrls as passes_walls from pg_roles where rolname = current_user`;

// "host=/run/pg port=5432 dbname=duizhang user=...", as libpq takes it; the package itself reads URLs alone. What
// concerns TLS and authentication is passed over: measured is a socket of this machine.
function fromKeywords(text) {
    const words = {};
    for (const [, name, quoted, bare] of text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)) {
        words[name] = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    }
    return { host: words.host, port: words.port, database: words.dbname, user: words.user, password: words.password };
}

// All connections are made and checked here, so that the first callbacks don't wait for them.
export async function openPool(conninfo, connections) {
    const pool = new pg.Pool({
        ...(/^postgres(ql)?:\/\//.test(conninfo) ? { connectionString: conninfo } : fromKeywords(conninfo)),
        options: `-c role=${ROLE}`,
        max: connections,
        idleTimeoutMillis: 0,
        pipeline: true,
    });
    pool.on('error', (error) => console.error(`an idle connection was lost: ${error.code ?? error.message}`));
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
    const { rows } = await clients[0].query(WHO);
    clients.forEach((client) => client.release());
    if (rows[0].name !== ROLE || rows[0].passes_walls) {
        throw new Error(`works as ${rows[0].name}, not as ${ROLE} behind row-level security`);
    }
    return pool;
}
