// A real Bluesky server (PDS) and the directory it needs, both on 127.0.0.1 and in memory or in a
// temporary folder. Prints one line of JSON when it is ready; ends when its stdin closes.
'use strict'
const crypto = require('node:crypto')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')

// libsql stands in for better-sqlite3 and gives blobs as ArrayBuffer; the server wants Buffer.
function buffers(row) {
  for (const key in row || {}) {
    if (Object.prototype.toString.call(row[key]) === '[object ArrayBuffer]') row[key] = Buffer.from(row[key])
  }
  return row
}
const Database = require('better-sqlite3')
const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1'))
const { all, iterate } = statement
statement.all = function (...bound) {
  return all.apply(this, bound).map(buffers)
}
statement.iterate = function* (...bound) {
  for (const row of iterate.apply(this, bound)) yield buffers(row)
}

// Both servers listen on every interface: keep them on the loopback one.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first !== 'number') return listen.call(this, first, ...rest)
  return listen.call(this, { port: first, host: '127.0.0.1' }, rest.find((one) => typeof one === 'function'))
}

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer()
    listen.call(probe, { port: 0, host: '127.0.0.1' }, () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

async function main() {
  const plc = require('@did-plc/server')
  const pds = require('@atproto/pds')
  const [directoryPort, port] = [await freePort(), await freePort()]
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: directoryPort })
  await directory.start()
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'digest-pds-'))
  const settings = {
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: home,
    blobstoreDiskLocation: path.join(home, 'blobs'),
    didPlcUrl: `http://localhost:${directoryPort}`,
    adminPassword: 'admin',
    jwtSecret: crypto.randomBytes(16).toString('hex'),
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    bskyAppViewUrl: 'https://appview.invalid',
    bskyAppViewDid: 'did:example:invalid',
    modServiceUrl: 'https://mod.invalid',
    modServiceDid: 'did:example:invalid',
    disableSsrfProtection: true,
    rateLimitsEnabled: false,
    plcRotationKeyK256PrivateKeyHex: crypto.randomBytes(32).toString('hex'),
  }
  const server = await pds.PDS.create(pds.envToCfg(settings), pds.envToSecrets(settings))
  await server.start()
  const stop = () => {
    fs.rmSync(home, { recursive: true, force: true })
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.stdin.resume()
  process.stdin.on('end', stop)
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
