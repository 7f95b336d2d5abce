import type { Platform } from '../../schemas/platform.ts'
import type { TemplateResource } from '../email-topics.ts'
import { PREFIX } from './names.ts'

/**
 * A budget that notifies at some percentages of itself and when the forecast goes over it, and a monitor that learns what
 * each AWS service costs on other days. Both publish to the alarms topic.
 */
export function costWatch({ cost }: Platform): Record<string, TemplateResource> {
  if (!cost) return {}
  const Subscribers = [{ SubscriptionType: 'SNS', Address: { Ref: 'AlarmsTopic' } }]
  const at = (NotificationType: 'ACTUAL' | 'FORECASTED', Threshold: number) => ({
    Notification: { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold, ThresholdType: 'PERCENTAGE' },
    Subscribers,
  })
  return {
    PlatformBudget: {
      Type: 'AWS::Budgets::Budget',
      // A budget must not be able to publish before it may.
      DependsOn: 'AlarmsTopicPolicy',
      Properties: {
        Budget: {
          BudgetName: `${PREFIX}-monthly`,
          BudgetType: 'COST',
          TimeUnit: 'MONTHLY',
          BudgetLimit: { Amount: cost.budget, Unit: 'USD' },
        },
        // At most five (AWS Budgets API Reference, CreateBudget).
        NotificationsWithSubscribers: [
          ...cost.notifyAt.slice(0, 4).map((percent) => at('ACTUAL', percent)),
          at('FORECASTED', 100),
        ],
      },
    },
    ...(cost.monitor === undefined && {
      PlatformCostMonitor: {
        Type: 'AWS::CE::AnomalyMonitor',
        Properties: { MonitorName: `${PREFIX}-services`, MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' },
      },
    }),
    PlatformCostAnomalies: {
      Type: 'AWS::CE::AnomalySubscription',
      DependsOn: 'AlarmsTopicPolicy',
      Properties: {
        SubscriptionName: `${PREFIX}-anomalies`,
        // By SNS it is immediate or not at all.
        Frequency: 'IMMEDIATE',
        MonitorArnList: [cost.monitor ?? { 'Fn::GetAtt': ['PlatformCostMonitor', 'MonitorArn'] }],
        Subscribers: [{ Type: 'SNS', Address: { Ref: 'AlarmsTopic' } }],
        ThresholdExpression: JSON.stringify({
          Dimensions: {
            Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
            MatchOptions: ['GREATER_THAN_OR_EQUAL'],
            Values: [String(cost.anomalyAbove)],
          },
        }),
      },
    },
  }
}
