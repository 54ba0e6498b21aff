<#import "template.ftl" as layout>
<#import "field.ftl" as field>
<#import "buttons.ftl" as buttons>
<@layout.registrationLayout displayMessage=!messagesPerField.existsError('phone'); section>
  <#if section="header">
    ${msg("nxCodeTitle." + nxPurpose)}
  <#elseif section="form">
    <form id="nx-phone-form" class="${properties.kcFormClass!}" action="${url.loginAction}" method="post" novalidate="novalidate">
      <p id="nx-phone-instruction" class="instruction">${msg("nxPhoneInstruction")}</p>
      <@field.group name="phone" label=msg("nxPhoneNumber") error=messagesPerField.get("phone")>
        <span class="${properties.kcInputClass} <#if messagesPerField.existsError('phone')>${properties.kcError}</#if>">
          <input id="phone" name="phone" type="tel" autocomplete="tel" autofocus aria-invalid="<#if messagesPerField.existsError('phone')>true</#if>"/>
          <@field.errorIcon error=messagesPerField.get("phone")/>
        </span>
      </@field.group>
      <@buttons.actionGroup>
        <@buttons.button id="kc-login" name="send" label="nxSendCode" />
        <#if isAppInitiatedAction??>
          <@buttons.button id="kc-cancel" name="cancel-aia" label="doCancel" type="secondary" />
        </#if>
      </@buttons.actionGroup>
    </form>
  </#if>
</@layout.registrationLayout>
