<#import "template.ftl" as layout>
<#import "field.ftl" as field>
<#import "buttons.ftl" as buttons>
<@layout.registrationLayout displayMessage=!messagesPerField.existsError('identifier'); section>
  <#if section="header">
    ${msg("nxCodeTitle." + nxPurpose)}
  <#elseif section="form">
    <form id="nx-forgot-password-form" class="${properties.kcFormClass!}" action="${url.loginAction}" method="post" novalidate="novalidate">
      <p id="nx-forgot-password-instruction" class="instruction">${msg("nxForgotPasswordInstruction")}</p>
      <@field.input name="identifier" label=msg("nxIdentifier") autocomplete="username" autofocus=true />
      <@buttons.actionGroup>
        <@buttons.button id="kc-login" name="send" label="nxSendCode" />
        <@buttons.buttonLink href=url.loginUrl label="backToLogin" />
      </@buttons.actionGroup>
    </form>
  </#if>
</@layout.registrationLayout>
