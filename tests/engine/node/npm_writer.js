// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// node npm_writer.js RELEASE PACKAGES DIR SECONDS: fills a RocksDB of that release through an npm
// package under PACKAGES/RELEASE, so fast that it stalls, and prints its own statistics once a
// dump of them stands in the LOG.
//
// No package lets the dumps' period be chosen. But RocksDB begins each periodic task of a process
// one second later than the one before, and then every ten minutes: the databases opened and closed
// first move the first dump of the real one behind the end of its writing.
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const os = require('os')
const path = require('path')

const OPENED_BEFORE = 3
const PATIENCE_MS = 60_000
const WRITE_BUFFER_BYTES = 64 * 1024
const [, , release, packages, directory, seconds] = process.argv
const load = name => require(path.join(packages, release, 'node_modules', name))
const promised = call => new Promise((resolve, reject) =>
  call((error, value) => error ? reject(error) : resolve(value)))
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const puts = pairs => pairs.map(([key, value]) => ({ type: 'put', key, value }))

// Each opens a database and answers with three functions: write, property, close.
const writers = {
  6.17: async where => {
    const db = load('rocksdb')(where)
    await promised(done => db.open(
      { writeBufferSize: WRITE_BUFFER_BYTES, maxFileSize: WRITE_BUFFER_BYTES, infoLogLevel: 'info' },
      done))
    return {
      write: pairs => promised(done => db.batch(puts(pairs), done)),
      property: name => db.getProperty(name),
      close: () => promised(done => db.close(done))
    }
  },
  8.3: where => openNxtedition(where, 'universal'),  // its "level" leaves the write buffer large
  9.7: where => openNxtedition(where, 'level'),
  10.5: async where => {
    const RocksDB = load('rocksdb-native')
    const db = new RocksDB(where,
      { writeBufferSize: WRITE_BUFFER_BYTES, maxWriteBufferNumber: 2, maxBackgroundJobs: 2 })
    await db.ready()
    return {
      write: async pairs => {
        const batch = db.write({ autoDestroy: true })
        for (const [key, value] of pairs) batch.tryPut(key, value)
        await batch.flush()
      },
      property: name => db.getProperty(name),
      close: () => db.close()
    }
  },
  11.8: async where => {
    const { Database } = load('@harperfast/rocksdb-js-linux-x64-glibc/rocksdb-js.node')
    const db = new Database()
    db.open(where, { name: 'default', writeBufferSize: WRITE_BUFFER_BYTES,
      maxWriteBufferNumber: 2, parallelismThreads: 2 })
    return {
      write: async pairs => { for (const [key, value] of pairs) db.putSync(key, value) },
      property: name => db.getDBProperty(name),
      close: async () => db.close()
    }
  }
}

async function openNxtedition (where, compaction) {
  const { RocksLevel } = load('@nxtedition/rocksdb')
  const db = new RocksLevel(where, { parallelism: 2, infoLogLevel: 'info', compaction,
    memtableMemoryBudget: 4 * WRITE_BUFFER_BYTES, keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await db.open()
  return {
    write: pairs => db.batch(puts(pairs)),
    property: name => db.getProperty(name),
    close: () => db.close()
  }
}

function dumps () {
  const log = fs.readFileSync(path.join(directory, 'LOG'), 'latin1')
  return log.split('** DB Stats **').length
}

async function main () {
  const open = writers[release]
  for (let i = 0; i < OPENED_BEFORE; ++i) {
    const other = fs.mkdtempSync(path.join(os.tmpdir(), 'nodetune-npm-'))
    const db = await open(other)
    await db.close()
    fs.rmSync(other, { recursive: true, force: true })
  }
  const db = await open(directory)
  const values = crypto.randomBytes(1 << 20)
  const began = Date.now()
  for (let number = 0; Date.now() - began < seconds * 1000;) {
    const pairs = []
    for (let i = 0; i < 100; ++i) {
      const key = crypto.randomBytes(16)
      key.writeUInt32BE(number++, 4)
      const from = Math.floor(Math.random() * (values.length - 1000))
      pairs.push([key, values.subarray(from, from + 1000)])
    }
    await db.write(pairs)
  }
  const before = dumps()
  const written = Date.now()
  while (dumps() === before) {
    if (Date.now() - written > PATIENCE_MS) throw new Error('no statistics in the LOG')
    await sleep(100)
  }
  await sleep(500)
  process.stdout.write(await db.property('rocksdb.stats'))
  // Killed, not closed: what a close flushes would be in the LOG, not in the statistics above.
  process.stdout.write('\nwritten\n', () => process.kill(process.pid, 'SIGKILL'))
}

main().catch(error => { console.error(error); process.exit(1) })
