/** Asks before something that cannot be undone. Without a terminal there is nobody to ask: then it is refused. */
import { Refused, type Io } from './io.ts';

export async function askToConfirm(io: Io, question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (io.ask === undefined)
    throw new Refused(
      'This needs a confirmation, and there is no terminal to ask on.',
      'Repeat the command with --yes.',
    );
  const reply = await io.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(reply.trim())) throw new Refused('Nothing was changed.');
}
