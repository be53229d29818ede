/**
 * Calendars. Dates come in the portal's own format, so times are taken from the UTC timestamps beside them. The list
 * of events is not paged by Bitrix24; without dates it covers one month back to three months ahead.
 */
import * as z from 'zod';
import {
  at,
  type Category,
  defineTool,
  type JsonObject,
  type JsonValue,
  line,
  post,
  textAt,
  item,
  list,
} from '../../core/provider/kit.ts';
import { created, isoOfSeconds, project, readBack, recordAt, wholeList } from './responses.ts';
import { date, dateTime, recordIdOf, idOrZero, text } from './inputs.ts';

const calendarType = z
  .enum(['user', 'group', 'company_calendar'])
  .describe('Whose calendar; user unless given')
  .optional();
const ownerId = idOrZero('User or group id; 0 for the company calendar');

const eventFields = project({
  ids: { id: 'ID', section_id: 'SECTION_ID', owner_id: 'OWNER_ID', host_id: 'MEETING_HOST' },
  rest: {
    name: 'NAME',
    location: 'LOCATION',
    accessibility: 'ACCESSIBILITY',
    my_status: 'MEETING_STATUS',
    repeats: 'RRULE.FREQ',
    time_zone: 'TZ_FROM',
  },
});

function eventOf(row: unknown): JsonObject {
  return {
    ...eventFields(row),
    starts_at: isoOfSeconds(textAt(row, 'DATE_FROM_TS_UTC')),
    ends_at: isoOfSeconds(textAt(row, 'DATE_TO_TS_UTC')),
    all_day: at(row, 'DT_SKIP_TIME') === 'Y',
  };
}

const detailsOf = project({
  ids: {},
  rest: { description: 'DESCRIPTION', attendees: 'ATTENDEE_LIST', crm_items: 'UF_CRM_CAL_EVENT' },
});

/** What Bitrix24 answers for an event that does not exist is undocumented; an empty answer is taken for it. */
function eventAt(body: unknown): JsonObject | null | undefined {
  const found = recordAt(body, 'result');
  return found === undefined || found === null ? found : { ...eventOf(found), ...detailsOf(found) };
}

const listCalendars = defineTool({
  name: 'list_calendars',
  title: 'List calendars',
  description: 'The calendars (sections) of a person, group or the company. Their ids are the section_id of events.',
  access: 'read',
  input: z.strictObject({ owner_id: ownerId, type: calendarType }),
  request: ({ owner_id, type = 'user' }) => post('/calendar.section.get', { type, ownerId: owner_id }),
  shape: wholeList(
    project({ ids: { section_id: 'ID', owner_id: 'OWNER_ID' }, rest: { name: 'NAME', type: 'CAL_TYPE' } }),
  ),
});

const listEvents = defineTool({
  name: 'list_events',
  title: 'List events',
  description:
    'Events of one calendar owner. Without dates: one month back to three months ahead. starts_at and ends_at are UTC.',
  access: 'read',
  input: z.strictObject({
    owner_id: ownerId,
    type: calendarType,
    from_date: date('First day').optional(),
    to_date: date('Last day').optional(),
    section_id: recordIdOf('Only this calendar').optional(),
  }),
  request: ({ owner_id, type = 'user', from_date, to_date, section_id }) =>
    post('/calendar.event.get', {
      type,
      ownerId: owner_id,
      from: from_date,
      to: to_date,
      section: section_id === undefined ? undefined : [section_id],
    }),
  shape: wholeList(eventOf),
});

const getEvent = defineTool({
  name: 'get_event',
  title: 'Get an event',
  description: 'Read one event with its attendees; their status is Y accepted, N declined, Q not answered, H host.',
  access: 'read',
  input: z.strictObject({ event_id: recordIdOf('Event id') }),
  request: ({ event_id }) => post('/calendar.event.getbyid', { id: event_id }),
  shape: item(eventAt),
});

const createEvent = defineTool({
  name: 'create_event',
  title: 'Create an event',
  description:
    'Put an event into a calendar. Attendees are invited and notified. Without section_id Bitrix24 picks the calendar. Returns the new id.',
  access: 'write',
  input: z
    .strictObject({
      name: line('Title'),
      owner_id: ownerId,
      type: calendarType,
      from_datetime: dateTime('Start'),
      to_datetime: dateTime('End'),
      section_id: recordIdOf('Calendar id from list_calendars').optional(),
      attendee_ids: z.array(recordIdOf('User id')).min(1).max(100).describe('User ids to invite').optional(),
      location: line('Place').optional(),
      description: text('Details').optional(),
    })
    .refine(
      ({ from_datetime, to_datetime }) => Date.parse(from_datetime) <= Date.parse(to_datetime),
      'to_datetime is before from_datetime',
    ),
  request: ({ type = 'user', ...args }) =>
    post('/calendar.event.add', {
      type,
      ownerId: args.owner_id,
      name: args.name,
      from: args.from_datetime,
      to: args.to_datetime,
      section: args.section_id,
      auto_detect_section: args.section_id === undefined ? 'Y' : 'N',
      is_meeting: args.attendee_ids === undefined ? undefined : 'Y',
      attendees: args.attendee_ids,
      location: args.location,
      description: args.description,
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_event',
      { event_id: item['id'] },
      { starts_at: args.from_datetime, ends_at: args.to_datetime, section_id: args.section_id },
    ),
});

/** `{"1": [events], "34": []}` as rows; somebody who is free has none. */
function busyRows(body: unknown): unknown {
  const result = at(body, 'result');
  if (typeof result !== 'object' || result === null) return undefined;
  return Object.entries(result).flatMap(([userId, events]: [string, unknown]) =>
    Array.isArray(events)
      ? events.map((event: unknown) => ({ userId: Number(userId), event: event as JsonValue }))
      : [],
  );
}

function busyRow(row: unknown): JsonObject {
  const { id: eventId, name, starts_at, ends_at, all_day, accessibility } = eventOf(at(row, 'event'));
  return { user_id: at(row, 'userId') as number, event_id: eventId, name, starts_at, ends_at, all_day, accessibility };
}

const getAvailability = defineTool({
  name: 'get_availability',
  title: 'When people are busy',
  description: 'What occupies these people between two days. Who has no row is free all the time.',
  access: 'read',
  input: z.strictObject({
    user_ids: z.array(recordIdOf('User id')).min(1).max(50).describe('User ids'),
    from_date: date('First day'),
    to_date: date('Last day'),
  }),
  request: ({ user_ids, from_date, to_date }) =>
    post('/calendar.accessibility.get', { users: user_ids, from: from_date, to: to_date }),
  shape: list(busyRows, busyRow),
});

export const calendar: Category = {
  title: 'Calendar',
  purpose: 'Agendas, when people are busy, new events',
  core: false,
  tools: [listCalendars, listEvents, getEvent, createEvent, getAvailability],
};
