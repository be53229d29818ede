/**
 * The two tables. Their logical ids are frozen by a test: renaming one on a live deployment would replace the table.
 * No grants are made here; each role's policy is written out beside the role.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';

export interface TenantStoreProps {
  /**
   * Whether the tables outlive their stack and are protected from deletion.
   *
   * @default true
   */
  readonly retain?: boolean;
  /** How far back a table can be restored, in days. */
  readonly recoveryDays: number;
  /**
   * Ceiling of on-demand reads per table and second, as a spending limit.
   *
   * @default - no ceiling
   */
  readonly maxReadUnits?: number | undefined;
  /**
   * Ceiling of on-demand writes per table and second.
   *
   * @default - no ceiling
   */
  readonly maxWriteUnits?: number | undefined;
}

export class TenantStore extends Construct {
  /** One row per key, found by its hash only. Rows of tenant keys have a `ttl`, those of other keys stay. */
  readonly keysTable: dynamodb.TableV2;
  /** Connections, usage and counters, partitioned by tenant; clients and directories. */
  readonly tenantsTable: dynamodb.TableV2;

  constructor(scope: Construct, id: string, props: TenantStoreProps) {
    super(scope, id);
    const { retain = true, recoveryDays, maxReadUnits, maxWriteUnits } = props;
    const durable = {
      billing: dynamodb.Billing.onDemand({
        ...(maxReadUnits === undefined ? {} : { maxReadRequestUnits: maxReadUnits }),
        ...(maxWriteUnits === undefined ? {} : { maxWriteRequestUnits: maxWriteUnits }),
      }),
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: recoveryDays,
      },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
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
