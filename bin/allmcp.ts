/** The CDK app: knobs from the context key `allmcp`, two stacks, no account or region. */
import { createApp } from '../lib/app.ts';

createApp().synth();
