declare module 'hoodiecrow-imap' {
  type Imap = {
    server: import('node:net').Server;
    listen(port: number, host: string, done: () => void): void;
    close(done: () => void): void;
  };
  export default function hoodiecrow(options: { plugins: string[]; storage: object }): Imap;
}
