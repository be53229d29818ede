/** What `npm start` prints: its commands must reach the server that it has just started. */
import { describe, expect, it } from '@jest/globals';
import { welcome } from '../../local/welcome.ts';

const runtime = { url: 'http://127.0.0.1:8787', operatorKey: undefined, firstKey: undefined };
const CREATE = 'npm run -s allmcp -- keys create --client local --type platform';

describe('the commands that the start prints', () => {
  it('name no folder when the server runs over the default one', () => {
    const text = welcome(runtime, '/home/me/.allmcp', '/home/me');
    expect(text).toContain(`make one: ${CREATE}\n`);
    expect(text).not.toContain('ALLMCP_DATA');
  });

  it('begin with the folder when it is another one, also where a first key needs no command', () => {
    expect(welcome(runtime, '/home/me/other', '/home/me')).toContain(
      `make one: ALLMCP_DATA=/home/me/other ${CREATE}\n`,
    );
    expect(welcome({ ...runtime, firstKey: 'allmcp_x' }, '/home/me/other', '/home/me')).toContain(
      'Commands      ALLMCP_DATA=/home/me/other npm run -s allmcp -- ...\n',
    );
  });

  it('quote a folder that a shell would read in another way', () => {
    expect(welcome(runtime, "/home/me/it's $HOME", '/home/me')).toContain(
      String.raw`ALLMCP_DATA='/home/me/it'\''s $HOME' npm run`,
    );
  });
});
