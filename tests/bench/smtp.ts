import { SMTPServer } from 'smtp-server';

/** A mail server in a process of its own that takes everything; tells its port, and how many messages have come. */
let taken = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  onData(stream, _session, done) {
    stream.on('end', () => {
      taken += 1;
      done();
    });
    stream.resume();
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.server.address() as { port: number }).port }));
process.on('message', () => process.send?.({ taken }));
process.on('disconnect', () => process.exit(0));
