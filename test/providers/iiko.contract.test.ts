/** What iiko is sent, and what comes of it. */

import { describeContract } from './contract.ts';

const U = '11111111-1111-4111-8111-111111111111';
const GROUP = '22222222-2222-4222-8222-222222222222';

describeContract('iiko', {
  auth: 'api_login',
  credential: { api_key: 'k', access_token: 't' },
  facts: {},
  headers: { authorization: 'Bearer t' },
  cases: [
    {
      tool: 'list_organizations',
      args: {},
      sends: ['POST', 'api-ru.iiko.services/api/1/organizations', {}],
      answer: { organizations: [{ id: U, name: 'Cafe' }] },
      gives: { items: [{ id: U, name: 'Cafe' }] },
    },
    {
      tool: 'list_organizations',
      args: { query: 'BAR' },
      sends: ['POST', 'api-ru.iiko.services/api/1/organizations', {}],
      answer: {
        organizations: [
          { id: U, name: 'Cafe' },
          { id: U, name: 'Bar 2' },
        ],
      },
      gives: { items: [{ id: U, name: 'Bar 2' }] },
    },
    {
      tool: 'list_terminal_groups',
      args: { organization_id: U },
      sends: ['POST', 'api-ru.iiko.services/api/1/terminal_groups', { organizationIds: [U] }],
      answer: { terminalGroups: [{ organizationId: U, items: [{ id: U, name: 'Hall', address: 'A' }] }] },
      gives: { items: [{ id: U, name: 'Hall', address: 'A' }] },
    },
    {
      tool: 'get_menu',
      args: { organization_id: U },
      sends: ['POST', 'api-ru.iiko.services/api/1/nomenclature', { organizationId: U }],
      answer: {
        products: [
          { id: U, name: 'Soup', type: 'Dish', sizePrices: [{ price: { currentPrice: 5 } }], isDeleted: false },
        ],
      },
      gives: { items: [{ product_id: U, name: 'Soup', type: 'Dish', price: 5, is_deleted: false }] },
    },
    {
      tool: 'get_menu',
      args: { organization_id: U, query: 'soup', group_id: GROUP },
      sends: ['POST', 'api-ru.iiko.services/api/1/nomenclature', { organizationId: U }],
      answer: {
        products: [
          { id: U, name: 'Fish soup', parentGroup: GROUP },
          { id: U, name: 'Soup', parentGroup: U },
          { id: U, name: 'Fish', parentGroup: GROUP },
          { id: U },
        ],
      },
      gives: { items: [{ product_id: U, name: 'Fish soup', group_id: GROUP }] },
    },
    {
      tool: 'list_stop_list',
      args: { organization_id: U, product_id: GROUP },
      sends: ['POST', 'api-ru.iiko.services/api/1/stop_lists', { organizationIds: [U] }],
      answer: {
        terminalGroupStopLists: [
          {
            items: [
              {
                items: [
                  { productId: U, balance: 0 },
                  { productId: GROUP, balance: 2 },
                ],
              },
            ],
          },
        ],
      },
      gives: { items: [{ product_id: GROUP, left: 2 }] },
    },
    {
      tool: 'list_stop_list',
      args: { organization_id: U },
      sends: ['POST', 'api-ru.iiko.services/api/1/stop_lists', { organizationIds: [U] }],
      answer: { terminalGroupStopLists: [{ items: [{ items: [{ productId: U, balance: 0 }] }] }] },
      gives: { items: [{ product_id: U, left: 0 }] },
    },
    {
      tool: 'list_orders',
      args: { organization_id: U, date_from: '2026-11-21', date_to: '2026-11-22' },
      sends: [
        'POST',
        'api-ru.iiko.services/api/1/deliveries/by_delivery_date_and_status',
        {
          organizationIds: [U],
          deliveryDateFrom: '2026-11-21 00:00:00.000',
          deliveryDateTo: '2026-11-22 23:59:59.999',
        },
      ],
      answer: { ordersByOrganizations: [{ orders: [{ id: U, order: { number: 1, status: 'New', sum: 5 } }] }] },
      gives: { items: [{ order_id: U, number: 1, status: 'New', sum: 5 }] },
    },
    {
      tool: 'get_order',
      args: { organization_id: U, order_id: U },
      sends: ['POST', 'api-ru.iiko.services/api/1/deliveries/by_id', { organizationId: U, orderIds: [U] }],
      answer: { orders: [{ id: U, order: { number: 1, items: [{ amount: 2 }] } }] },
      gives: { item: { order_id: U, number: 1, items: [{ amount: 2 }] } },
    },
    {
      tool: 'create_order',
      args: {
        organization_id: U,
        terminal_group_id: U,
        order_id: U,
        phone: '+79990000000',
        items: [{ product_id: U, amount: 2 }],
        comment: 'c',
      },
      sends: [
        'POST',
        'api-ru.iiko.services/api/1/deliveries/create',
        {
          organizationId: U,
          terminalGroupId: U,
          order: {
            id: U,
            phone: '+79990000000',
            comment: 'c',
            items: [{ type: 'Product', productId: U, amount: 2 }],
          },
        },
      ],
      answer: { correlationId: U, orderInfo: { id: U, creationStatus: 'InProgress' } },
      gives: { item: { order_id: U, creation: 'InProgress' } },
    },
    {
      tool: 'cancel_order',
      args: { organization_id: U, order_id: U },
      sends: ['POST', 'api-ru.iiko.services/api/1/deliveries/cancel', { organizationId: U, orderId: U }],
      answer: { correlationId: U },
      gives: { item: { accepted: true } },
    },
  ],
});
