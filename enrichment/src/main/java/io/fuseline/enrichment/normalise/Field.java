package io.fuseline.enrichment.normalise;

/** What attributes tell of a span besides its usage; the names are those of the table. */
enum Field {
  ROOT_RUN_ID,
  RUN_ID,
  PARENT_RUN_ID,
  TENANT_ID,
  TEAM,
  PROJECT,
  WORKFLOW,
  COST_CENTRE,
  ENVIRONMENT,
  AGENT_ID,
  AGENT_NAME,
  AGENT_VERSION,
  AGENT_ROLE,
  STEP,
  PROVIDER,
  REQUEST_MODEL,
  RESPONSE_MODEL,
  RESPONSE_ID,
  SERVICE_TIER,
  REGION,
  SERVER_ADDRESS,
  TOOL_NAME,
  TOOL_CALL_ID,
  ERROR_TYPE,
  COST,
  CURRENCY,
  /** Arguments of a tool call, of which only the hash is kept. */
  ARGUMENTS,
  /** Result of a tool call, of which only the hash is kept. */
  RESULT,
  /** Whether the work succeeded, where the status does not tell. */
  SUCCESS,
  /** How long the work took, for events, which have one time only. */
  DURATION_MS,
  CONVERSATION,
  SERVICE_NAME,
  SERVICE_VERSION
}
