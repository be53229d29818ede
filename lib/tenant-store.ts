/**
 * The two tables. Their logical ids are frozen by a test: renaming one on a live deployment would replace the table.
 * No grants are made here; each role's policy is written out beside the role.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { DeployConfig } from './deploy-config.ts';

export interface TenantStoreProps {
  /**
   * Whether tables outlive their stack, are protected from deletion, and how they are backed up.
   *
   * @default - retained, protected, restorable to any second of the last 35 days, no capacity ceiling
   */
  readonly data: DeployConfig['data'];
}

export class TenantStore extends Construct {
  /** One row per key, found by its hash only. Rows of tenant keys have a `ttl`, those of other keys stay. */
  readonly keysTable: dynamodb.TableV2;
  /** Connections, usage and counters, partitioned by tenant; clients and directories. */
  readonly tenantsTable: dynamodb.TableV2;

  constructor(scope: Construct, id: string, { data }: TenantStoreProps) {
    super(scope, id);
    const durable = {
      billing: dynamodb.Billing.onDemand({
        ...(data.maxReadUnits === undefined ? {} : { maxReadRequestUnits: data.maxReadUnits }),
        ...(data.maxWriteUnits === undefined ? {} : { maxWriteRequestUnits: data.maxWriteUnits }),
      }),
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: data.recoveryDays,
      },
      deletionProtection: data.retain,
      removalPolicy: data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    const text = dynamodb.AttributeType.STRING;
    this.keysTable = new dynamodb.TableV2(this, 'KeysTable', {
      ...durable,
      partitionKey: { name: 'pk', type: text },
      timeToLiveAttribute: 'ttl',
    });
    this.tenantsTable = new dynamodb.TableV2(this, 'TenantsTable', {
      ...durable,
      partitionKey: { name: 'pk', type: text },
      sortKey: { name: 'sk', type: text },
      timeToLiveAttribute: 'ttl',
    });
  }
}
