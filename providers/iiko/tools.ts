/** iiko's tools: where one is, what there is to eat, and delivery orders. */
import * as z from 'zod';
import {
  at,
  byQuery,
  type Category,
  day,
  defineTool,
  item,
  type JsonObject,
  list,
  pick,
  post,
  type Shape,
} from '../../core/provider/kit.ts';

// Checked by a refinement: in the rendered schema the pattern would cost context and tell a model nothing.
const uuid = z.string().refine((text) => z.uuid().safeParse(text).success, 'must be a UUID');
const organization_id = uuid.describe('from list_organizations');

/** iiko nests rows by organization: `key.n.items`, with the same one asked for each time. */
const nested = (path: string, inner: string, row: (row: unknown) => JsonObject): Shape =>
  list((body) => {
    const groups = at(body, path);
    return Array.isArray(groups) ? groups.flatMap((group: unknown) => at(group, inner) ?? []) : undefined;
  }, row);

/** iiko has no filter of its own for these lists: rows are looked through here. */
const query = z.string().min(1).optional();

const listOrganizations = defineTool({
  name: 'list_organizations',
  title: 'List organizations',
  description: 'Restaurants this login may use. Every other tool needs an id from here.',
  access: 'read',
  input: z.strictObject({ query: query.describe('part of the name') }),
  request: () => post('/api/1/organizations'),
  shape: list('organizations', pick({ id: 'id', name: 'name' }), undefined, byQuery('name')),
});

const listTerminalGroups = defineTool({
  name: 'list_terminal_groups',
  title: 'List terminal groups',
  description: 'Groups of terminals that take orders.',
  access: 'read',
  input: z.strictObject({ organization_id }),
  request: (args) => post('/api/1/terminal_groups', { organizationIds: [args.organization_id] }),
  shape: nested('terminalGroups', 'items', pick({ id: 'id', name: 'name', address: 'address' })),
});

const getMenu = defineTool({
  name: 'get_menu',
  title: 'Get the menu',
  description: 'Products with the ids and prices an order takes. Long: narrow it by query or group_id.',
  access: 'read',
  input: z.strictObject({ organization_id, query: query.describe('part of the name'), group_id: uuid.optional() }),
  request: (args) => post('/api/1/nomenclature', { organizationId: args.organization_id }),
  shape: list(
    'products',
    pick({
      product_id: 'id',
      name: 'name',
      type: 'type',
      group_id: 'parentGroup',
      price: 'sizePrices.0.price.currentPrice',
      is_deleted: 'isDeleted',
    }),
    undefined,
    {
      by: ['query', 'group_id'],
      keeps: (args, row) =>
        byQuery('name').keeps(args, row) && (args['group_id'] === undefined || args['group_id'] === row['group_id']),
    },
  ),
});

const listStopList = defineTool({
  name: 'list_stop_list',
  title: 'List what is sold out',
  description: 'Products that cannot be ordered now, with what is left of them.',
  access: 'read',
  input: z.strictObject({ organization_id, product_id: uuid.optional() }),
  request: (args) => post('/api/1/stop_lists', { organizationIds: [args.organization_id] }),
  shape: list(
    (body) => {
      const groups = at(body, 'terminalGroupStopLists');
      if (!Array.isArray(groups)) return undefined;
      const terminals = groups.flatMap((group: unknown) => (at(group, 'items') ?? []) as unknown[]);
      return terminals.flatMap((terminal) => (at(terminal, 'items') ?? []) as unknown[]);
    },
    pick({ product_id: 'productId', left: 'balance' }),
    undefined,
    {
      by: ['product_id'],
      keeps: ({ product_id }, row) => product_id === undefined || row['product_id'] === product_id,
    },
  ),
});

const orderRow = pick({
  order_id: 'id',
  number: 'order.number',
  status: 'order.status',
  phone: 'order.phone',
  sum: 'order.sum',
  complete_before: 'order.completeBefore',
  problem: 'errorInfo.message',
});

const listOrders = defineTool({
  name: 'list_orders',
  title: 'List delivery orders',
  description: 'Orders of an organization to be delivered within some days.',
  access: 'read',
  input: z.strictObject({ organization_id, date_from: day, date_to: day.describe('included') }),
  request: (args) =>
    post('/api/1/deliveries/by_delivery_date_and_status', {
      organizationIds: [args.organization_id],
      deliveryDateFrom: `${args.date_from} 00:00:00.000`,
      deliveryDateTo: `${args.date_to} 23:59:59.999`,
    }),
  shape: nested('ordersByOrganizations', 'orders', orderRow),
});

const getOrder = defineTool({
  name: 'get_order',
  title: 'Get an order',
  description: 'One delivery order with its items.',
  access: 'read',
  input: z.strictObject({ organization_id, order_id: uuid }),
  request: (args) =>
    post('/api/1/deliveries/by_id', { organizationId: args.organization_id, orderIds: [args.order_id] }),
  shape: item((body) => {
    const found = at(body, 'orders');
    if (!Array.isArray(found)) return undefined;
    const [order] = found as unknown[];
    return order === undefined ? null : { ...orderRow(order), ...pick({ items: 'order.items' })(order) };
  }),
});

const createOrder = defineTool({
  name: 'create_order',
  title: 'Create a delivery order',
  description: 'Sends an order to the kitchen. order_id, a new UUID, makes it safe to send twice.',
  access: 'write',
  exposure: ['spends_money'],
  input: z.strictObject({
    organization_id,
    terminal_group_id: uuid,
    order_id: uuid.describe('a UUID you make up'),
    phone: z
      .string()
      .regex(/^\+\d{8,15}$/)
      .describe('with country code'),
    items: z.array(z.strictObject({ product_id: uuid, amount: z.number().positive() })).min(1),
    comment: z.string().max(500).optional(),
  }),
  request: ({ items, ...args }) =>
    post('/api/1/deliveries/create', {
      organizationId: args.organization_id,
      terminalGroupId: args.terminal_group_id,
      order: {
        id: args.order_id,
        phone: args.phone,
        comment: args.comment,
        items: items.map(({ product_id, amount }) => ({ type: 'Product', productId: product_id, amount })),
      },
    }),
  shape: item((body) => created(at(body, 'orderInfo'))),
});

function created(order: unknown): JsonObject | undefined {
  return order === undefined
    ? undefined
    : pick({ order_id: 'id', creation: 'creationStatus', problem: 'errorInfo.message' })(order);
}

const cancelOrder = defineTool({
  name: 'cancel_order',
  title: 'Cancel an order',
  description: 'Cancels a delivery order for good.',
  access: 'destructive',
  input: z.strictObject({ organization_id, order_id: uuid }),
  request: (args) => post('/api/1/deliveries/cancel', { organizationId: args.organization_id, orderId: args.order_id }),
  shape: item((body) => (at(body, 'correlationId') === undefined ? undefined : { accepted: true })),
});

export const organizations: Category = {
  title: 'Organizations',
  purpose: 'Restaurants and their terminal groups: the ids everything else needs',
  core: true,
  tools: [listOrganizations, listTerminalGroups],
};
export const menu: Category = {
  title: 'Menu',
  purpose: 'Products, prices and what is sold out',
  core: false,
  tools: [getMenu, listStopList],
};
export const orders: Category = {
  title: 'Orders',
  purpose: 'Delivery orders',
  core: true,
  tools: [listOrders, getOrder, createOrder, cancelOrder],
};
