<#-- Keycloak's place for additions. It lists the ways to sign in side by side, where its own link needs a script and a page between. -->
<#macro content>
  <#if auth?has_content && ["login", "nx-phone", "nx-code"]?seq_contains(pageId) && auth.authenticationSelections?size gt 1>
    <#assign shown = (pageId == "login")?then("auth-username-password-form", "nx-phone-form") />
    <form id="nx-other-ways" action="${url.loginAction}" method="post" novalidate="novalidate">
      <#list auth.authenticationSelections as way>
        <#if way.displayName != shown + "-display-name">
          <button class="${properties.kcButtonLinkClass} ${properties.kcButtonBlockClass}" type="submit" name="authenticationExecution" value="${way.authExecId}">
            ${msg(way.displayName)}
          </button>
        </#if>
      </#list>
    </form>
  </#if>
</#macro>
