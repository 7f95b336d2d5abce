export { type AwsStandIn, startAws } from '../stand-ins/aws.ts'
