/** For every tool of Bitrix24 the fewest arguments, and sets that together have all. */
import type { JsonObject } from '../../core/json.ts';

const AT = '2026-12-01T15:00:00+03:00';

const LATER = '2026-12-01T16:00:00+03:00';

/** For each tool: the fewest arguments it takes, and sets that together give every argument it has. */
export const ARGS: Readonly<Record<string, { readonly least: JsonObject; readonly all: readonly JsonObject[] }>> = {
  list_contacts: {
    least: {},
    all: [
      { query: 'anna', company_id: 1, responsible_id: 6 },
      { phone: '+15551000001', email: 'person1@example.com', first_name: 'bor', last_name: 'no' },
    ],
  },
  get_contact: { least: { contact_id: 1 }, all: [{ contact_id: 1 }] },
  create_contact: {
    least: { name: 'Ada' },
    all: [
      {
        name: 'Ada',
        last_name: 'Lovelace',
        phone: '+15550001',
        email: 'ada@example.com',
        position: 'Engineer',
        company_id: 1,
        source_id: 'CALL',
        responsible_id: 6,
        comments: 'met at a fair',
      },
    ],
  },
  update_contact: {
    least: { contact_id: 1, name: 'Ada' },
    all: [
      {
        contact_id: 1,
        name: 'Ada',
        last_name: 'Lovelace',
        add_phone: '+15550001',
        add_email: 'ada@example.com',
        position: 'Engineer',
        company_id: 1,
        source_id: 'CALL',
        responsible_id: 6,
        comments: 'called',
      },
    ],
  },
  find_by_phone_or_email: { least: { phone: '1 555 100 0001' }, all: [{ phone: '+15551000001' }, { email: 'a@b.c' }] },
  list_companies: {
    least: {},
    all: [{ query: 'Company 1', phone: '+15551000501', email: 'office1@example.com', responsible_id: 1 }],
  },
  get_company: { least: { company_id: 1 }, all: [{ company_id: 1 }] },
  create_company: {
    least: { title: 'Initech' },
    all: [
      {
        title: 'Initech',
        industry: 'BANKING',
        phone: '+15550002',
        email: 'hi@initech.example',
        responsible_id: 6,
        comments: 'x',
      },
    ],
  },
  update_company: {
    least: { company_id: 1, title: 'Initech' },
    all: [
      {
        company_id: 1,
        title: 'Initech',
        industry: 'BANKING',
        add_phone: '+15550002',
        add_email: 'hi@initech.example',
        responsible_id: 6,
        comments: 'x',
      },
    ],
  },
  list_leads: {
    least: {},
    all: [{ query: 'Lead', status_id: 'NEW', phone: '+15551000701', email: 'lead1@example.com', responsible_id: 1 }],
  },
  get_lead: { least: { lead_id: 1 }, all: [{ lead_id: 1 }] },
  create_lead: {
    least: { title: 'Enquiry' },
    all: [
      {
        title: 'Enquiry',
        name: 'Ada',
        last_name: 'Lovelace',
        phone: '+15550003',
        email: 'ada@example.com',
        source_id: 'CALL',
        status_id: 'IN_PROCESS',
        opportunity: 12.5,
        currency_id: 'EUR',
        responsible_id: 6,
        comments: 'wants a demo',
      },
    ],
  },
  update_lead: {
    least: { lead_id: 1, status_id: 'JUNK' },
    all: [
      {
        lead_id: 1,
        title: 'Enquiry',
        status_id: 'IN_PROCESS',
        source_id: 'CALL',
        add_phone: '+15550003',
        add_email: 'ada@example.com',
        opportunity: 12.5,
        currency_id: 'EUR',
        responsible_id: 6,
        comments: 'x',
      },
    ],
  },
  list_deals: {
    least: {},
    all: [{ query: 'Deal', stage_id: 'NEW', pipeline_id: 0, company_id: 1, contact_id: 1, responsible_id: 1 }],
  },
  get_deal: { least: { deal_id: 1 }, all: [{ deal_id: 1 }] },
  create_deal: {
    least: { title: 'Licence' },
    all: [
      {
        title: 'Licence',
        company_id: 1,
        contact_id: 2,
        opportunity: 500,
        currency_id: 'EUR',
        pipeline_id: 2,
        stage_id: 'C2:WON',
        source_id: 'CALL',
        close_date: '2026-12-31',
        responsible_id: 6,
        comments: 'x',
      },
    ],
  },
  update_deal: {
    least: { deal_id: 1, title: 'Licence' },
    all: [
      {
        deal_id: 1,
        title: 'Licence',
        company_id: 2,
        opportunity: 700,
        currency_id: 'EUR',
        source_id: 'CALL',
        close_date: '2026-12-31',
        responsible_id: 6,
        comments: 'x',
      },
    ],
  },
  update_deal_stage: { least: { deal_id: 1, stage_id: 'WON' }, all: [{ deal_id: 1, stage_id: 'WON' }] },
  list_pipelines: { least: {}, all: [{}] },
  list_deal_stages: { least: {}, all: [{ pipeline_id: 2 }] },
  list_lead_statuses: { least: {}, all: [{}] },
  list_crm_values: { least: { field: 'source' }, all: [{ field: 'industry' }] },
  list_activities: { least: {}, all: [{ owner_type_id: 2, owner_id: 1, responsible_id: 1, completed: false }] },
  get_activity: { least: { activity_id: 1 }, all: [{ activity_id: 1 }] },
  create_activity: {
    least: {
      owner_type_id: 3,
      owner_id: 1,
      type_id: 2,
      subject: 'Call',
      communication_value: '+15551000001',
      responsible_id: 1,
    },
    all: [
      {
        owner_type_id: 2,
        owner_id: 1,
        type_id: 1,
        subject: 'Meet',
        communication_value: 'Ada',
        responsible_id: 6,
        contact_id: 2,
        start_time: AT,
        end_time: LATER,
        description: 'x',
      },
    ],
  },
  create_todo: {
    least: { owner_type_id: 2, owner_id: 1, subject: 'Send offer', deadline: AT },
    all: [{ owner_type_id: 2, owner_id: 1, subject: 'Send offer', deadline: AT, responsible_id: 6, description: 'x' }],
  },
  add_comment: {
    least: { record_type: 'deal', record_id: 1, comment: 'hello' },
    all: [{ record_type: 'lead', record_id: 1, comment: 'hello' }],
  },
  list_estimates: { least: {}, all: [{ query: 'Estimate', status_id: 'SENT', company_id: 1 }] },
  get_estimate: { least: { estimate_id: 1 }, all: [{ estimate_id: 1 }] },
  list_tasks: { least: {}, all: [{ query: 'Task', status: 'pending', responsible_id: 1, group_id: 3 }] },
  get_task: { least: { task_id: 1 }, all: [{ task_id: 1 }] },
  create_task: {
    least: { title: 'Do it', responsible_id: 1 },
    all: [
      {
        title: 'Do it',
        responsible_id: 6,
        description: 'x',
        group_id: 3,
        deadline: AT,
        priority: 'high',
        crm_items: ['D_1', 'CO_2'],
      },
    ],
  },
  update_task: {
    least: { task_id: 1, status: 'deferred' },
    all: [
      {
        task_id: 1,
        title: 'Do that',
        description: 'x',
        status: 'in_progress',
        deadline: AT,
        responsible_id: 6,
        group_id: 3,
        priority: 'low',
      },
    ],
  },
  complete_task: { least: { task_id: 1 }, all: [{ task_id: 1 }] },
  comment_task: { least: { task_id: 1, comment: 'hi' }, all: [{ task_id: 1, comment: 'hi' }] },
  delete_task: { least: { task_id: 1 }, all: [{ task_id: 1 }] },
  list_users: { least: {}, all: [{ query: 'anna', active: true, department_id: 1 }] },
  search_users: { least: { query: 'anna' }, all: [{ query: 'anna' }] },
  get_user: { least: { user_id: 6 }, all: [{ user_id: 6 }] },
  get_current_user: { least: {}, all: [{}] },
  list_departments: { least: {}, all: [{ query: 'Department 2', parent_id: 1 }] },
  get_department: { least: { department_id: 1 }, all: [{ department_id: 1 }] },
  list_calendars: { least: { owner_id: 1 }, all: [{ owner_id: 0, type: 'company_calendar' }] },
  list_events: {
    least: { owner_id: 1 },
    all: [{ owner_id: 1, type: 'user', from_date: '2026-11-01', to_date: '2026-11-30', section_id: 4 }],
  },
  get_event: { least: { event_id: 1 }, all: [{ event_id: 1 }] },
  create_event: {
    least: { name: 'Demo', owner_id: 1, from_datetime: AT, to_datetime: LATER },
    all: [
      {
        name: 'Demo',
        owner_id: 1,
        type: 'user',
        from_datetime: AT,
        to_datetime: LATER,
        section_id: 4,
        attendee_ids: [1, 6],
        location: 'Room 1',
        description: 'x',
      },
    ],
  },
  get_availability: {
    least: { user_ids: [1, 6], from_date: '2026-11-01', to_date: '2026-11-30' },
    all: [{ user_ids: [1, 6], from_date: '2026-11-01', to_date: '2026-11-30' }],
  },
  list_calls: {
    least: {},
    all: [
      {
        phone: '+15551000001',
        user_id: 1,
        direction: 'incoming',
        missed: true,
        from_datetime: '2026-01-01T00:00:00Z',
        to_datetime: AT,
      },
    ],
  },
  list_folders: { least: {}, all: [{ query: 'drive', kind: 'common' }] },
  list_files: { least: { folder_id: 21 }, all: [{ folder_id: 21, query: 'report' }] },
  search_files: { least: { query: 'report' }, all: [{ query: 'report', folder_id: 21 }] },
  get_file: { least: { file_id: 31 }, all: [{ file_id: 31 }] },
};
