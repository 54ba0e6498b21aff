/** Who and what the demo holds (README); ids are fixed, so that examples in the docs can name them. */
export const DEMO_PEOPLE = [
  {
    id: '290000000000000001',
    email: 'admin@demo.test',
    password: 'Demo-admin-1',
    firstName: 'Ada',
    lastName: 'Admin',
  },
  {
    id: '290000000000000002',
    email: 'owner@demo.test',
    password: 'Demo-owner-1',
    firstName: 'Oanh',
    lastName: 'Owner',
    phone: '+84901000001',
  },
  {
    id: '290000000000000003',
    email: 'cashier@demo.test',
    password: 'Demo-cashier-1',
    firstName: 'Chi',
    lastName: 'Cashier',
    phone: '+84901000002',
  },
  {
    id: '290000000000000004',
    email: 'otp@demo.test',
    password: 'Demo-otp-1',
    firstName: 'Otto',
    lastName: 'Otp',
    phone: '+84901000003',
  },
] as const;

const [admin, owner, cashier, otp] = DEMO_PEOPLE;

export const DEMO_ORGANIZER = {
  id: '290000000000000010',
  tenantId: '290000000000000010',
  name: 'Demo Coffee',
};
export const DEMO_MERCHANTS = [
  { id: '290000000000000011', name: 'Demo Coffee Hồ Gươm' },
  { id: '290000000000000012', name: 'Demo Coffee Bến Thành' },
];
export const DEMO_ROLE = {
  id: '290000000000000020',
  identifier: '100_cashier',
  name: 'Cashier',
  priority: 100,
};
/** What the role may do to the customers of the merchants where it is held. */
export const DEMO_ROLE_ACTIONS = ['read', 'write'];
/** Its one redirect URI is this path of the service. */
export const DEMO_CLIENT = { id: 'nx-demo', name: 'The demo page', path: '/demo' };

/** A sister service; its tokens are for itself unless it says otherwise. */
export const DEMO_SERVICE = {
  id: '290000000000000040',
  credentialId: '290000000000000041',
  name: 'sale',
  secret: 'Demo-service-1',
  calls: ['policies.read', 'whoami'],
  merchantCalls: ['customers.read', 'customers.write'],
};

const atOrganizer = { type: 'Organizer', id: DEMO_ORGANIZER.id };
const [firstMerchant] = DEMO_MERCHANTS.map(({ id }) => ({ type: 'Merchant', id }));

/** Who holds which role where; roles of the platform by their identifier, without a domain they hold everywhere. */
export const DEMO_ASSIGNMENTS = [
  ...[admin, owner, cashier, otp].map(({ id }) => ({ userId: id, role: '010_user', domain: undefined })),
  { userId: admin.id, role: '900_admin', domain: undefined },
  { userId: owner.id, role: '500_owner', domain: atOrganizer },
  { userId: cashier.id, role: DEMO_ROLE.identifier, domain: firstMerchant },
];
/** What a role may do with customers: without a domain wherever it is held. */
export const DEMO_CUSTOMER_GRANTS = [
  { role: DEMO_ROLE.identifier, actions: ['create', 'read', 'update', 'delete'], domain: undefined },
  { role: '500_owner', actions: ['manage'], domain: atOrganizer },
];
export const DEMO_MEMBERS = [
  { id: '290000000000000030', userId: owner.id },
  { id: '290000000000000031', userId: cashier.id },
];
