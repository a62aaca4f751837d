import com.sun.tools.ws.WsImport;

/** wsimport for several documents in one start of Java: JaxWsSources FOLDER URL.wsdl... */
public final class JaxWsSources {
    private JaxWsSources() {}

    public static void main(String[] arguments) throws Throwable {
        for (int i = 1; i < arguments.length; i++) {
            String[] options = {"-quiet", "-Xnocompile", "-s", arguments[0], arguments[i]};
            if (WsImport.doMain(options) != 0) {
                System.exit(1);
            }
        }
    }
}
