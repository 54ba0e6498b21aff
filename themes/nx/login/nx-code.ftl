<#import "template.ftl" as layout>
<#import "field.ftl" as field>
<#import "buttons.ftl" as buttons>
<@layout.registrationLayout displayMessage=!messagesPerField.existsError('code'); section>
  <#if section="header">
    ${msg("nxCodeTitle." + nxPurpose)}
  <#elseif section="form">
    <form id="nx-code-form" class="${properties.kcFormClass!}" action="${url.loginAction}" method="post" novalidate="novalidate">
      <p id="nx-code-instruction" class="instruction">${msg("nxCodeInstruction." + nxPurpose, nxMaskedAddress)}</p>
      <@field.input name="code" label=msg("nxCode") autocomplete="one-time-code" autofocus=true />
      <@buttons.actionGroup>
        <@buttons.button id="kc-login" name="login" label="nxConfirmCode" />
        <@buttons.button id="nx-resend" name="resend" label="nxResend" type="secondary" data\-wait="${nxResendIn}" data\-waiting=msg("nxResendIn") />
        <@buttons.button id="nx-change-address" name="change-address" label="nxChangeAddress.${nxPurpose}" type="link" />
        <#if isAppInitiatedAction??>
          <@buttons.button id="kc-cancel" name="cancel-aia" label="doCancel" type="link" />
        </#if>
      </@buttons.actionGroup>
    </form>
    <script src="${url.resourcesPath}/js/resend-wait.js" type="text/javascript"></script>
  </#if>
</@layout.registrationLayout>
