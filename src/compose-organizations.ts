import type { Request, Response } from 'express';
import type { AuditTrail } from './compose-audit.js';
import type { Messaging } from './compose-messaging.js';
import type { Policies } from './compose-policies.js';
import type { NextId } from './database/snowflake.js';
import { byAddress } from './http/limits.js';
import type { Caller, Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createAcceptInvitation,
  createFindScope,
  createInvitations,
  createMembers,
  createMerchants,
  createOrganizers,
  createSendInvitation,
  createSettlePolicies,
  createUpdatePlace,
  invitationRoutes,
  memberRoutes,
  merchantRoutes,
  organizerRoutes,
} from './organizations/index.js';
import { DEFAULT_OTP_POLICY, otpPolicySchema } from './otp/index.js';
import type { OnRightsTaken } from './policies/index.js';
import { createEmitToUser } from './redis/emit-to-user.js';
import { readCodeTarget } from './sign-in/index.js';

/** Wires organizers, their merchants and members, and invitations to them (contract §5b). */
export function composeOrganizations(
  { config, database, limit, redis, logger }: Infrastructure,
  parts: {
    trail: Pick<AuditTrail, 'audit'>;
    policies: Pick<Policies, 'write' | 'findAdministrator'>;
    messaging: Pick<Messaging, 'promiseMessage' | 'readConfiguration'>;
    nextId: NextId;
    onRightsTaken: OnRightsTaken;
  },
): Route[] {
  const { promiseMessage, readConfiguration } = parts.messaging;
  const { findAdministrator, write: policies } = parts.policies;
  const { nextId } = parts;
  const settle = createSettlePolicies({
    onRightsTaken: parts.onRightsTaken,
    emitToUser: createEmitToUser({ redis, logger }),
  });
  const shared = { database, audit: parts.trail.audit, nextId, policies, settle };
  const updatePlace = createUpdatePlace(shared);
  const findScope = createFindScope({ database, findAdministrator });
  return [
    ...organizerRoutes(findScope, createOrganizers({ ...shared, updatePlace })),
    ...merchantRoutes(findScope, createMerchants({ ...shared, updatePlace })),
    ...memberRoutes(findScope, createMembers(shared)),
    ...invitationRoutes({
      findScope,
      invitations: createInvitations({
        ...shared,
        readTarget: (identifier) => readCodeTarget(identifier, config.otp.countries),
        send: createSendInvitation({
          promiseMessage,
          async spendCeilingVnd(merchantId) {
            const found = await readConfiguration('OTP_POLICY', merchantId, otpPolicySchema);
            return (found?.data ?? DEFAULT_OTP_POLICY).spendCeilingVnd;
          },
          page: config.organizations.invitationUrl,
          language: 'vi',
        }),
      }),
      acceptInvitation: createAcceptInvitation(shared),
      limits: {
        send: limit({ name: 'invitation-user', perHour: config.limits.invitationsPerUser, key: byCaller }),
        accept: limit({
          name: 'invitation-accept-address',
          perMinute: config.limits.signInPerAddress,
          key: byAddress,
        }),
      },
    }),
  ];
}

const byCaller = (_request: Request, response: Response): string => (response.locals.caller as Caller).userId;
