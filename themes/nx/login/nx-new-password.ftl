<#import "template.ftl" as layout>
<#import "field.ftl" as field>
<#import "buttons.ftl" as buttons>
<#import "password-validation.ftl" as validator>
<@layout.registrationLayout displayMessage=!messagesPerField.existsError('password-new', 'password-confirm'); section>
  <#if section="header">
    ${msg("updatePasswordTitle")}
  <#elseif section="form">
    <form id="nx-new-password-form" class="${properties.kcFormClass!}" action="${url.loginAction}" method="post" novalidate="novalidate">
      <p id="nx-new-password-instruction" class="instruction">${msg("nxNewPasswordInstruction")}</p>
      <@field.password name="password-new" label=msg("passwordNew") autocomplete="new-password" autofocus=true />
      <@field.password name="password-confirm" label=msg("passwordConfirm") autocomplete="new-password" />
      <@buttons.actionGroup>
        <@buttons.button id="kc-submit" name="login" label="doSubmit" />
      </@buttons.actionGroup>
    </form>
    <@validator.templates/>
    <@validator.script field="password-new"/>
  </#if>
</@layout.registrationLayout>
