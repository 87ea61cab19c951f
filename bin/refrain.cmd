@echo off
rem Starts Refrain on Windows, from an unpacked archive or from a checkout that "mvnw package" has built.
rem
rem   bin\refrain --help
rem
rem JAVA_HOME          the Java to use, 17 or later; else the java on the PATH
rem REFRAIN_JAVA_OPTS  more flags for the JVM, after (and so over) those below
setlocal
set "home=%~dp0.."
set "jar=%home%\lib\refrain.jar"
if exist "%home%\pom.xml" set "jar=%home%\target\refrain.jar"
if not exist "%jar%" (
  echo refrain: "%jar%": no such file ^(in a checkout, run mvnw package first^)>&2
  exit /b 2
)
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"

rem The flags of bin/refrain, which gives the reason for each.
"%java%" -XX:+UseSerialGC -XX:MaxRAMPercentage=40 -XX:NewSize=32m -XX:MaxDirectMemorySize=96m ^
  -XX:ReservedCodeCacheSize=64m -XX:+ExitOnOutOfMemoryError -Dio.netty.allocator.type=pooled ^
  -Dio.netty.tryReflectionSetAccessible=true -Dio.netty.jfr.enabled=false %REFRAIN_JAVA_OPTS% ^
  -jar "%jar%" %*
exit /b %errorlevel%
