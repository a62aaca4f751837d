import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.rmi.Remote;
import org.apache.axis.AxisFault;

/**
 * Every operation of the services named, by its Axis 1.4 stub and with nothing but a log-in:
 * AxisEvery URL LOGIN PASSWORD VERSION SERVICE...
 */
public final class AxisEvery {
    private AxisEvery() {}

    public static void main(String[] arguments) throws Exception {
        String root = "com.vindicia.soap.v" + arguments[3].replace('.', '_') + ".";
        Class<?> authentication = Class.forName(root + "Vindicia.Authentication");
        Object auth = authentication.getDeclaredConstructor().newInstance();
        authentication.getMethod("setVersion", String.class).invoke(auth, arguments[3]);
        authentication.getMethod("setLogin", String.class).invoke(auth, arguments[1]);
        authentication.getMethod("setPassword", String.class).invoke(auth, arguments[2]);
        for (int i = 4; i < arguments.length; i++) {
            String service = arguments[i];
            Object locator = Class.forName(root + service + "." + service + "Locator").getDeclaredConstructor()
                    .newInstance();
            Remote port = (Remote) locator.getClass().getMethod("get" + service + "Port", URL.class)
                    .invoke(locator, new URL(arguments[0] + "/soap.pl"));
            for (Method operation : Class.forName(root + service + "." + service + "PortType").getMethods()) {
                Told.that(service + "." + operation.getName(), called(port, operation, auth));
            }
        }
    }

    private static String called(Remote port, Method operation, Object auth) throws Exception {
        Class<?>[] types = operation.getParameterTypes();
        Object[] given = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            given[i] = i == 0 ? auth : empty(types[i]);
        }
        Object result;
        try {
            result = operation.invoke(port, given);
        } catch (InvocationTargetException failed) {
            Throwable cause = failed.getCause();
            return cause instanceof AxisFault ? "fault " + ((AxisFault) cause).getFaultString() : "broken " + cause;
        }
        for (int i = 0; result == null && i < types.length; i++) {
            if (types[i].getSimpleName().equals("_returnHolder")) {
                result = types[i].getField("value").get(given[i]);
            }
        }
        return result.getClass().getMethod("getReturnCode").invoke(result) + " "
                + result.getClass().getMethod("getReturnString").invoke(result);
    }

    private static Object empty(Class<?> type) throws Exception {
        if (type == int.class) {
            return 0;
        }
        if (type == boolean.class) {
            return false;
        }
        return type.getSimpleName().endsWith("Holder") ? type.getDeclaredConstructor().newInstance() : null;
    }
}
