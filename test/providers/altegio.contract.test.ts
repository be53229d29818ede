/** What altegio is sent, and what comes of it. */
import { expect } from '@jest/globals';
import { describeContract } from './contract.ts';

describeContract('altegio', {
  auth: 'tokens',
  credential: { partner_token: 'p', user_token: 'u', company_id: '12' },
  facts: { company_id: '12' },
  headers: { authorization: 'Bearer p, User u', accept: 'application/vnd.api.v2+json' },
  cases: [
    {
      tool: 'list_appointments',
      args: { start_date: '2026-11-22', end_date: '2026-11-23', staff_id: 1, client_id: 2 },
      sends: [
        'GET',
        'api.alteg.io/api/v1/records/12?start_date=2026-11-22&end_date=2026-11-23&staff_id=1&client_id=2&count=50',
      ],
      answer: { success: true, data: [{ id: 5, staff_id: 1, staff: { name: 'Bo' } }], meta: { total_count: 51 } },
      gives: {
        items: [{ record_id: 5, staff_id: 1, staff: 'Bo' }],
        total: 51,
        next_cursor: expect.any(String) as never,
      },
    },
    {
      tool: 'get_appointment',
      args: { record_id: 5 },
      sends: ['GET', 'api.alteg.io/api/v1/record/12/5'],
      answer: { success: true, data: { id: 5 } },
      gives: { item: { record_id: 5 } },
    },
    {
      tool: 'create_appointment',
      args: {
        staff_id: 1,
        service_ids: [3],
        datetime: '2026-11-22T10:00:00+03:00',
        seance_length: 3600,
        client_name: 'Ann',
        client_phone: '+15550001',
        comment: 'c',
        send_sms: true,
      },
      sends: [
        'POST',
        'api.alteg.io/api/v1/records/12',
        {
          staff_id: 1,
          datetime: '2026-11-22T10:00:00+03:00',
          seance_length: 3600,
          comment: 'c',
          send_sms: true,
          services: [{ id: 3 }],
          client: { name: 'Ann', phone: '+15550001' },
        },
      ],
      answer: { success: true, data: { id: 5, staff_id: 1, datetime: '2026-11-22T10:00:00+03:00' } },
      gives: {
        item: { record_id: 5, staff_id: 1, datetime: '2026-11-22T10:00:00+03:00' },
        applied: { staff_id: true, datetime: true },
      },
    },
    {
      tool: 'delete_appointment',
      args: { record_id: 5 },
      sends: ['DELETE', 'api.alteg.io/api/v1/record/12/5'],
      answer: undefined,
      gives: { item: { deleted: true } },
    },
    {
      tool: 'list_clients',
      args: { query: 'Ann' },
      sends: [
        'POST',
        'api.alteg.io/api/v1/company/12/clients/search',
        {
          page: 1,
          page_size: 50,
          fields: ['id', 'name', 'surname', 'phone', 'email'],
          filters: [{ type: 'quick_search', state: { value: 'Ann' } }],
        },
      ],
      answer: { success: true, data: [{ id: 2, name: 'Ann' }] },
      gives: { items: [{ client_id: 2, name: 'Ann' }] },
    },
    {
      tool: 'create_client',
      args: { name: 'Ann', surname: 'Lee', phone: '+15550001', email: 'a@b.co' },
      sends: [
        'POST',
        'api.alteg.io/api/v1/clients/12',
        { name: 'Ann', surname: 'Lee', phone: '+15550001', email: 'a@b.co' },
      ],
      answer: { success: true, data: { id: 2, name: 'Ann' } },
      gives: { item: { client_id: 2, name: 'Ann' } },
    },
    {
      tool: 'list_services',
      args: { staff_id: 1 },
      sends: ['GET', 'api.alteg.io/api/v1/company/12/services/?staff_id=1'],
      answer: { success: true, data: [{ id: 3, title: 'Cut', price_min: 5, duration: 3600 }] },
      gives: { items: [{ service_id: 3, title: 'Cut', price_min: 5, seconds: 3600 }] },
    },
    {
      tool: 'list_services',
      args: { query: ' CUT ' },
      sends: ['GET', 'api.alteg.io/api/v1/company/12/services/'],
      answer: {
        success: true,
        data: [
          { id: 3, title: 'Haircut' },
          { id: 4, title: 'Shave' },
        ],
      },
      gives: { items: [{ service_id: 3, title: 'Haircut' }] },
    },
    {
      tool: 'list_staff',
      args: { query: 'barber' },
      sends: ['GET', 'api.alteg.io/api/v1/company/12/staff/'],
      answer: {
        success: true,
        data: [
          { id: 1, name: 'Bo', specialization: 'Barber' },
          { id: 2, name: 'Al' },
        ],
      },
      gives: { items: [{ staff_id: 1, name: 'Bo', specialization: 'Barber' }] },
    },
    {
      tool: 'list_staff',
      args: {},
      sends: ['GET', 'api.alteg.io/api/v1/company/12/staff/'],
      answer: { success: true, data: [{ id: 1, name: 'Bo', fired: 0 }] },
      gives: { items: [{ staff_id: 1, name: 'Bo', fired: 0 }] },
    },
  ],
});
