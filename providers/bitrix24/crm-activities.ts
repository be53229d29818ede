/**
 * Activities (calls, meetings, e-mails, to-dos) and timeline comments of CRM records. The vendor has stopped developing
 * `crm.activity.add` and points to to-dos; planned calls and meetings still go through it. E-mails are left out on
 * purpose: creating one sends it.
 */
import * as z from 'zod';
import { defineTool, type JsonObject, line, post, item } from '../../core/provider/kit.ts';
import { created, createdAt, pagedList, project, readBack, recordAt } from './responses.ts';
import { dateTime, recordIdOf, responsibleId, text } from './inputs.ts';

const DEAL = 2;
const CONTACT = 3;

const ownerType = z.int().min(1).max(4).describe('Kind of the CRM record: 1 lead, 2 deal, 3 contact, 4 company');
const ownerId = recordIdOf('Id of that CRM record');

const listActivities = defineTool({
  name: 'list_activities',
  title: 'List activities',
  description: 'Calls, meetings, e-mails and to-dos, newest first, of one CRM record or one person.',
  access: 'read',
  input: z
    .strictObject({
      owner_type_id: ownerType.optional(),
      owner_id: ownerId.optional(),
      responsible_id: responsibleId,
      completed: z.boolean().describe('Only done (true) or only open (false) ones').optional(),
    })
    .refine(
      ({ owner_type_id, owner_id }) => (owner_type_id === undefined) === (owner_id === undefined),
      'owner_type_id and owner_id go together',
    ),
  request: (args) =>
    post('/crm.activity.list', {
      filter: {
        OWNER_TYPE_ID: args.owner_type_id,
        OWNER_ID: args.owner_id,
        RESPONSIBLE_ID: args.responsible_id,
        COMPLETED: args.completed === undefined ? undefined : args.completed ? 'Y' : 'N',
      },
      select: [
        'ID',
        'OWNER_TYPE_ID',
        'OWNER_ID',
        'TYPE_ID',
        'PROVIDER_ID',
        'SUBJECT',
        'START_TIME',
        'END_TIME',
        'DEADLINE',
        'COMPLETED',
        'DIRECTION',
        'RESPONSIBLE_ID',
      ],
      order: { ID: 'DESC' },
    }),
  shape: pagedList(
    project({
      ids: { id: 'ID', owner_type_id: 'OWNER_TYPE_ID', owner_id: 'OWNER_ID', responsible_id: 'RESPONSIBLE_ID' },
      rest: {
        type_id: 'TYPE_ID',
        provider: 'PROVIDER_ID',
        subject: 'SUBJECT',
        start_time: 'START_TIME',
        end_time: 'END_TIME',
        deadline: 'DEADLINE',
        completed: 'COMPLETED',
        direction: 'DIRECTION',
      },
    }),
  ),
});

/** Attached files come with links that hold a token; those fields stay out of results. */
function withoutFiles(body: unknown): JsonObject | null | undefined {
  const found = recordAt(body, 'result');
  if (found === undefined || found === null) return found;
  const { FILES: _files, WEBDAV_ELEMENTS: _elements, STORAGE_ELEMENT_IDS: _storage, ...rest } = found;
  return rest;
}

const getActivity = defineTool({
  name: 'get_activity',
  title: 'Get an activity',
  description: 'Read one activity with all its fields. Attached files are left out: their links hold a credential.',
  access: 'read',
  input: z.strictObject({ activity_id: recordIdOf('Activity id') }),
  request: ({ activity_id }) => post('/crm.activity.get', { id: activity_id }),
  shape: item(withoutFiles),
});

/** Whom a call or meeting is with: a deal has no phone of its own, so its contact is named. */
function communication(args: {
  readonly owner_type_id: number;
  readonly owner_id: number;
  readonly contact_id?: number | undefined;
  readonly communication_value: string;
}): JsonObject {
  const isContact = args.contact_id !== undefined;
  if (!isContact && args.owner_type_id === DEAL) return { VALUE: args.communication_value };
  return {
    VALUE: args.communication_value,
    ENTITY_ID: isContact ? args.contact_id : args.owner_id,
    ENTITY_TYPE_ID: isContact ? CONTACT : args.owner_type_id,
  };
}

const createActivity = defineTool({
  name: 'create_activity',
  title: 'Plan a call or meeting',
  description:
    'Plan a call or a meeting on a CRM record. For anything else that has to be done use create_todo. Nobody is dialled or written to. Returns the new id.',
  access: 'write',
  input: z.strictObject({
    owner_type_id: ownerType,
    owner_id: ownerId,
    type_id: z.literal([1, 2]).describe('1 meeting, 2 call'),
    subject: line('Subject'),
    communication_value: line('Phone of the call, or the name of whom to meet'),
    responsible_id: recordIdOf('User id in charge'),
    contact_id: recordIdOf('Contact it is with, when the record is a deal').optional(),
    start_time: dateTime('Start').optional(),
    end_time: dateTime('End').optional(),
    description: text('Details').optional(),
  }),
  request: (args) =>
    post('/crm.activity.add', {
      fields: {
        OWNER_TYPE_ID: args.owner_type_id,
        OWNER_ID: args.owner_id,
        TYPE_ID: args.type_id,
        SUBJECT: args.subject,
        COMMUNICATIONS: [communication(args)],
        RESPONSIBLE_ID: args.responsible_id,
        START_TIME: args.start_time,
        END_TIME: args.end_time,
        DESCRIPTION: args.description,
      },
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_activity',
      { activity_id: item['id'] },
      { RESPONSIBLE_ID: args.responsible_id, START_TIME: args.start_time, END_TIME: args.end_time },
    ),
});

const createTodo = defineTool({
  name: 'create_todo',
  title: 'Add a to-do to a CRM record',
  description: 'Add a to-do with a deadline to a lead, deal, contact or company. Returns the new activity id.',
  access: 'write',
  input: z.strictObject({
    owner_type_id: ownerType,
    owner_id: ownerId,
    subject: line('What to do'),
    deadline: dateTime('Due'),
    responsible_id: responsibleId,
    description: text('Details').optional(),
  }),
  request: (args) =>
    post('/crm.activity.todo.add', {
      ownerTypeId: args.owner_type_id,
      ownerId: args.owner_id,
      deadline: args.deadline,
      title: args.subject,
      description: args.description,
      responsibleId: args.responsible_id,
    }),
  shape: createdAt('result.id'),
  verify: (args, item) =>
    readBack(
      'get_activity',
      { activity_id: item['id'] },
      { DEADLINE: args.deadline, RESPONSIBLE_ID: args.responsible_id },
    ),
});

const addComment = defineTool({
  name: 'add_comment',
  title: 'Comment on a CRM record',
  description: 'Add a comment to the timeline of a CRM record. Returns its id.',
  access: 'write',
  input: z.strictObject({
    record_type: z.enum(['lead', 'deal', 'contact', 'company']).describe('Kind of the CRM record'),
    record_id: recordIdOf('Its id'),
    comment: text('The comment; BBCode allowed'),
  }),
  request: (args) =>
    post('/crm.timeline.comment.add', {
      fields: { ENTITY_ID: args.record_id, ENTITY_TYPE: args.record_type, COMMENT: args.comment },
    }),
  shape: created,
});

export const activityTools = [listActivities, getActivity, createActivity, createTodo, addComment];
