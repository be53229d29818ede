/** How a tool call ends: with a value, with a fault, or with a question to the person. */
import type { InputRequiredResult } from '@modelcontextprotocol/server';
import type { ReferencedFault } from '../../../core/call/record.ts';
import type { Fault } from '../../../core/fault.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Result } from '../../../core/result.ts';

export type ToolOutcome = Result<JsonObject, Fault | ReferencedFault> | InputRequiredResult;

export function isQuestion(outcome: ToolOutcome): outcome is InputRequiredResult {
  return 'resultType' in outcome;
}
